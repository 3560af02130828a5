/** Why nothing leaves to an address: of bounces, of readers, or by hand. Somebody's own reason is in their words. */
export const suppressions: Record<string, string> = {
  'hard-bounce': 'the mailbox does not exist', 'soft-bounces': 'came back again and again', complaint: 'called spam', manual: 'by hand', 'manual-marketing': 'by hand', unsubscribed: 'unsubscribed',
};
