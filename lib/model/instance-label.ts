/** The label with the instance's id, on container and volumes. */
export const instanceLabel = "openclaw-openrouter.instance";
