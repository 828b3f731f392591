/** The label on container and volumes that carries the instance's id. */
export const instanceLabel = "openclaw-openrouter.instance";
