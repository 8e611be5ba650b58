import type { InvestigationId } from '../../../shared/contract/investigations';
import { compromised } from './compromised';
import { exfiltration } from './exfiltration';
import { malware } from './malware';
import type { Scenario } from './question';

/** The scenarios, in the order of the guide. */
export const SCENARIOS: readonly Scenario[] = [compromised, malware, exfiltration];

const BY_ID: Record<InvestigationId, Scenario> = { compromised, malware, exfiltration };

export function scenarioById(id: InvestigationId): Scenario {
  return BY_ID[id];
}
