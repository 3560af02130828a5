import type { Text } from '@/text';

export const reasons: Text['reasons'] = {
  'no-address': 'sin dirección',
  'no-consent': 'sin consentimiento',
  'consent-withdrawn': 'consentimiento retirado',
  suppressed: 'dirección suprimida',
  holdout: 'grupo de control',
  'quiet-hours': 'horas de silencio',
  'frequency-capped': 'ya recibió bastantes mensajes',
  expired: 'esperó demasiado',
  'journey-exited': 'ya había salido del recorrido',
  'campaign-cancelled': 'campaña cancelada',
  merged: 'planificado dos veces, unido',
  'no-profile': 'no existe el perfil',
};
