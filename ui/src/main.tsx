import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import './app/theme.css';
import './app/shell.css';
import './kit/kit.css';
import './kit/parts.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { currentLanguage, loadText } from './text';

const language = currentLanguage();
document.documentElement.lang = language;
const text = await loadText(language);
createRoot(document.getElementById('root')!).render(<App language={language} text={text} />);
