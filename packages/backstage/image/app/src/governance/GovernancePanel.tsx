/** Whether a version may go to production, and who said so. */
export function GovernancePanel(_: { model: string; version: string }) {
  return null;
}
