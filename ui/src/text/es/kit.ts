import type { Text } from '@/text';

export const kit: Text['kit'] = {
  again: 'Reintentar',
  cancel: 'Cancelar',
  close: 'Cerrar',
  copied: 'Copiado',
  copy: 'Copiar',
  loading: 'Cargando',
  more: 'Mostrar más',
  holds: 'se cumple',
  holdsNot: 'no se cumple',
  until: 'hasta',
  unreachable: 'El servidor no responde',
  unreachableHint: 'Puede estar reiniciándose, o la red está interrumpida. Lo que ha escrito sigue aquí.',
  typeToConfirm: (word) => `Escriba ${word} para confirmar`,
};
