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
  'unknown-profile': 'no existe el perfil',
  'identity-pending': 'identidad sin resolver',
  paused: 'el envío estaba en pausa',
  'unknown-template': 'la plantilla se eliminó',
  'consent-pending': 'consentimiento sin confirmar',
  erased: 'fue borrado',
  'no-way-out': 'ningún proveedor lo lleva',
  'no-common-hours': 'ninguna hora cumple todas las reglas',
};
