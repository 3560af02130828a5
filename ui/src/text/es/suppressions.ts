import type { Text } from '@/text';

/** Por qué no sale nada a una dirección; el motivo de una persona queda como lo escribió. */
export const suppressions: Text['suppressions'] = {
  'hard-bounce': 'rebote definitivo', 'soft-bounces': 'rebotes repetidos', complaint: 'queja', manual: 'a mano', 'manual-marketing': 'a mano', unsubscribed: 'baja',
};
