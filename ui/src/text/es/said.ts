import type { Text } from '@/text';
import { suppressions } from './suppressions';

const stops: Record<string, string> = { everything: 'todo', marketing: 'marketing' };

/** Para qué no sirve un número, como lo dice el servidor. */
const unfit: Record<string, string> = {
  'is assigned to nobody': 'no está asignado a nadie', 'is one whose holder is paid for being called': 'es de tarificación adicional',
  'is a landline': 'es un fijo', 'is no mobile': 'no es un móvil',
};

export const said: Text['said'] = {
  'no-address': (told) => `el perfil no tiene dirección para ${told.text('channel')}`,
  suppressed: (told) => {
    const why = told.of('suppression');
    return `la dirección está suprimida para ${stops[why.text('stops')] ?? why.text('stops')} desde el ${why.at('at')} (${suppressions[why.text('reason')] ?? why.text('reason')}: ${why.words('evidence')})`;
  },
  'consent-withdrawn': (told) => {
    const topic = told.text('topic');
    const at = told.at('at');
    if (topic.startsWith('sender:')) return `pidió que el remitente ${topic.slice('sender:'.length)} parase el ${at} (${told.text('source')})`;
    return `el consentimiento para ${topic === '*' ? 'todos los temas' : topic} se retiró el ${at} (${told.text('source')})`;
  },
  'no-consent': (told) => `nunca se dio consentimiento para ${told.text('topic')}`,
  holdout: (told) => `está en el grupo de control general (${told.number('per_mille')} de cada mil)`,
  'quiet-hours': (told) => `horas de silencio en ${told.text('zone')} hasta el ${told.at('until')}`,
  'frequency-capped': (told) => `${told.number('sent')} mensajes en ${told.span('window')}, se permiten ${told.number('cap')}`,
  expired: (told) => `caducó el ${told.at('at')}`,
  'journey-exited': (told) => `el perfil salió del recorrido ${told.text('journey')} antes de que se enviara`,
  'campaign-cancelled': () => 'la campaña se canceló',
  merged: () => 'la persona ya estaba planificada con otro perfil',
  'unknown-profile': () => 'no existe ese perfil',
  'identity-pending': (told) => `hay ${told.number('questions')} preguntas de identidad abiertas`,
  paused: (told) => `el envío está en pausa: ${told.text('why')}`,
  'unknown-template': (told) => `no existe la plantilla ${told.text('template')}`,
  'consent-pending': (told) => `el consentimiento para ${told.text('topic')}, dado el ${told.at('since')}, aún no está confirmado`,
  erased: (told) => `la persona fue borrada el ${told.at('at')}`,
  'no-way-out': (told) => `ningún proveedor de ${told.text('route')} acepta mensajes por el momento`,
  'no-common-hours': (told) => `el número puede estar en ${told.number('zones')} zonas horarias, y a ninguna hora queda fuera de las horas de silencio de todas; el atributo timezone diría dónde está la persona`,
  complaints: (told) => `el marketing de ${told.text('domain')} a ${told.text('mailbox')} está en pausa desde el ${told.at('since')}: ${told.number('complaints')} lectores de ${told.number('among')} mensajes los marcaron como correo basura ese día`,
  blocked: (told) => `el marketing de ${told.text('domain')} a ${told.text('mailbox')} está en pausa desde el ${told.at('since')}: rechazó ${told.number('refused')} de ${told.number('among')} mensajes por quien los envía, y dijo: ${told.words('text')}`,
  'number-unfit': (told) => `el número ${unfit[told.text('why')] ?? told.words('why')} (numbers de la política)`,
  'sender-not-there': (told) => `el remitente ${told.text('name')} no pasa en ${told.text('region')}: hace falta ${told.words('needs')} (by-country o letters-in del remitente)`,
};
