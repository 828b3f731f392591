import { type AppliedContainer, parseAppliedContainer } from "../../drift/container-fields";
import type { ReportedFinding } from "../../drift/report";
import { matches } from "../../drift/root-cause";
import type { StackName } from "../../model/home-paths";
import { addressesIn, attributesOf, parseState, type State } from "../../model/terraform-state";
import type { DeployContext } from "../../session/context";
import { stateStore } from "../../terraform/state-store";

/** What was applied, wherever the settings keep it. */
export async function stateOf(stack: StackName, context: DeployContext): Promise<State | undefined> {
  const { backend } = context.deployment.settings.terraform;
  return parseState(await stateStore(context, stack, backend).read());
}

/** The container as it was applied; undefined where the state does not tell. */
export async function appliedContainer(context: DeployContext): Promise<AppliedContainer | undefined> {
  const [attributes] = attributesOf(await stateOf("vault", context), "docker_container").values();
  return parseAppliedContainer(attributes);
}

/** What a plan of the first stack does not see, and what is re-created for it. */
const recreated: readonly { readonly finding: string; readonly address: RegExp }[] = [
  // Neither the engine nor Terraform takes such a limit away.
  { finding: "container.limits", address: /^docker_container\./ },
  { finding: "vault.files.tls/*", address: /^terraform_data\..*_prepare_/ },
  { finding: "volume.socket-folder", address: /^terraform_data\..*_prepare_/ },
  { finding: "vault.files.seal/*", address: /^terraform_data\..*_seal_/ },
];

/** The addresses of all that the first stack is to re-create, since no plan says so. */
export async function recreatedResources(
  findings: readonly ReportedFinding[],
  context: DeployContext,
): Promise<string[]> {
  const wanted = recreated.filter(({ finding }) => findings.some(({ id }) => matches(finding, id)));
  if (wanted.length === 0) return [];
  const addresses = addressesIn(await stateOf("vault", context));
  return addresses.filter((each) => wanted.some(({ address }) => address.test(each)));
}
