import type { Text } from '@/text';

export const journeys: Text['journeys'] = {
  title: 'Recorridos',
  sub: 'Caminos publicados que las personas recorren, cada una a su ritmo.',
  name: 'Recorrido',
  entered: 'Entraron',
  inside: 'En camino ahora',
  completed: 'Terminaron',
  revision: 'Revisión',
  empty: 'Todavía no hay recorridos',
  emptyWords: 'Un recorrido es un fichero pequeño: qué lo empieza, sus pasos, qué lo termina. Publíquelo con el resto de sus definiciones:',
  emptyCode: 'cauce apply ./definiciones',
  since: 'contado desde',
  path: 'Camino',
  pathWords: 'Los números en las líneas dicen cuántas personas las han tomado.',
  steps: 'Pasos',
  step: 'Paso',
  does: 'Qué hace',
  waiting: 'Esperan aquí',
  waitingHere: (count) => `${count} esperan`,
  definition: 'Definición',
  kinds: {
    entry: 'Entrada', message: 'Mensaje', wait: 'Espera', 'wait-until': 'Espera hasta', 'wait-for': 'Espera a', if: 'Si', branch: 'Rama', split: 'Reparto', exit: 'Salida', end: 'Fin', set: 'Pone', event: 'Evento',
  },
};
