import { loadDeclaration, loadDeployment } from "./lib/instance/declaration";
import { selectInstance } from "./lib/instance/select";
import { buildApp } from "./lib/stacks/build-app";

const { OPENROUTER_API_KEY, TF_VAR_openrouter_api_key, OPENCLAW_OPENROUTER_SETTINGS } = process.env;
const instance = selectInstance({ keyGiven: Boolean(TF_VAR_openrouter_api_key || OPENROUTER_API_KEY) });
const deployment = loadDeployment(instance, OPENCLAW_OPENROUTER_SETTINGS);

buildApp(loadDeclaration(deployment, TF_VAR_openrouter_api_key)).synth();
