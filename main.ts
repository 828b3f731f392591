import { describedDeployment, loadDeclaration } from "./lib/session/load-deployment";
import { buildApp } from "./lib/stacks/build-app";

buildApp(loadDeclaration(describedDeployment(), process.env.TF_VAR_openrouter_api_key)).synth();
