import { shell } from './shell';
import { kit } from './kit';
import { reasons } from './reasons';
import { said } from './said';
import { health } from './health';
import { overview } from './overview';
import { events } from './events';
import { profiles } from './profiles';
import { segments } from './segments';
import { campaigns } from './campaigns';
import { journeys } from './journeys';
import { templates } from './templates';
import { messages } from './messages';
import { sending } from './sending';
import { settings } from './settings';
import { definitions } from './definitions';
import { fields } from './fields';

export const en = { shell, kit, reasons, said, health, overview, events, profiles, segments, campaigns, journeys, templates, messages, sending, settings, definitions, fields };
