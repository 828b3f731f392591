import { type AppliedContainer, appliedContainerIn } from "../../drift/container-fields";
import { matches } from "../../drift/root-cause";
import type { StackName } from "../../model/home-paths";
import { addressesIn, parseState, type State } from "../../model/terraform-state";
import type { ReportedFinding } from "../../report/drift-report";
import type { DeployContext } from "../../session/context";
import { stateStore } from "../../terraform/state-store";

/** The applied state of a stack, from the backend in the settings. */
export async function stateOf(stack: StackName, context: DeployContext): Promise<State | undefined> {
  const { backend } = context.deployment.settings.terraform;
  return parseState(await stateStore(context, stack, backend).read());
}

/** The container as applied; undefined if the state has none. */
export async function appliedContainer(context: DeployContext): Promise<AppliedContainer | undefined> {
  return appliedContainerIn(await stateOf("vault", context));
}

/** The findings that a plan of the first stack does not see, and the resources to re-create for them. */
const recreated: readonly { readonly finding: string; readonly address: RegExp }[] = [
  // Neither the engine nor Terraform can remove such a limit.
  { finding: "container.limits", address: /^docker_container\./ },
  { finding: "vault.files.tls/*", address: /^terraform_data\..*_prepare_/ },
  { finding: "volume.socket-folder", address: /^terraform_data\..*_prepare_/ },
  { finding: "vault.files.seal/*", address: /^terraform_data\..*_seal_/ },
];

/** The addresses of the resources that the first stack must re-create although no plan does. */
export async function recreatedResources(
  findings: readonly ReportedFinding[],
  context: DeployContext,
): Promise<string[]> {
  const wanted = recreated.filter(({ finding }) => findings.some(({ id }) => matches(finding, id)));
  if (wanted.length === 0) return [];
  const addresses = addressesIn(await stateOf("vault", context));
  return addresses.filter((each) => wanted.some(({ address }) => address.test(each)));
}
