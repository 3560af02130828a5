/** Respuestas que dicen que no, en breve, por el código del problema: la frase del servidor, en inglés, va detrás. */
export const problems: Record<string, string> = {
  malformed: 'La petición no se entiende',
  invalid: 'Hay faltas',
  unauthorized: 'Hay que identificarse',
  forbidden: 'No está permitido',
  'not-found': 'No existe',
  'method-not-allowed': 'Con eso no se puede hacer esto',
  gone: 'Ya no se conserva',
  conflict: 'En este estado no se puede',
  outdated: 'Ya no está en vigor lo que se tenía delante',
  'idempotency-key-reused': 'La misma clave se usó con otro contenido',
  'too-large': 'Es demasiado grande',
  overloaded: 'Demasiado a la vez: inténtelo dentro de un momento',
  internal: 'Es una falta nuestra',
  stopped: 'Lo que hace falta está parado',
  'quarantine-full': 'La cuarentena está llena',
  unavailable: 'Ahora no es posible',
};
