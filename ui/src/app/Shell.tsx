import { Checkbox, Menu, Modal, useMantineColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMember, useSignOut } from '@/api/session';
import { IconClose, IconMenu, IconSearch } from '@/kit/icons';
import { Toasts } from '@/kit/toast';
import { To, useGo } from '@/kit/To';
import { keepLanguage, LANGUAGES, useText } from '@/text';
import { keepLetters, lettersOn, useKeys, type Asked } from './keys';
import { Palette } from './Palette';
import { Password } from './Password';
import { GROUPS, PLACES } from './places';

/** What stands around every page. Behind a shut door it is there, and hears no key. */
export function Shell({ shut }: { shut: boolean }) {
  const text = useText().shell;
  const go = useGo();
  const [opened, setOpened] = useState<'palette' | 'help' | 'password' | null>(null);
  const [menu, setMenu] = useState('');
  const path = useRouterState({ select: (state) => state.location.pathname });
  const act = useCallback(
    (asked: Asked) => {
      if (asked.kind === 'palette' || asked.kind === 'help') setOpened(asked.kind);
      else if (asked.kind === 'go') go(asked.to);
    },
    [go],
  );
  useKeys(act, !shut);
  // The menu of a small screen belongs to the page on which it was opened.
  const narrow = useMediaQuery('(max-width: 860px)', false, { getInitialValueInEffect: false });
  const side = narrow && menu === path;
  const button = useRef<HTMLButtonElement>(null);
  const shutMenu = () => setMenu('');
  return (
    <div
      className="shell"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !side || event.defaultPrevented) return;
        shutMenu();
        button.current?.focus();
      }}
    >
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <div className="bar">
        <Brand />
        <IconButton label={text.search} act={() => setOpened('palette')}>
          <IconSearch />
        </IconButton>
        <IconButton label={text.menu} act={() => setMenu(side ? '' : path)} expanded={side} own={button}>
          {side ? <IconClose /> : <IconMenu />}
        </IconButton>
      </div>
      <div className={side ? 'side open' : 'side'}>
        <Brand />
        <button type="button" className="jump" onClick={() => setOpened('palette')}>
          <IconSearch />
          {text.search}
          <kbd>{text.ctrlK}</kbd>
        </button>
        <Navigation path={path} chosen={shutMenu} />
        <Who help={() => setOpened('help')} password={() => setOpened('password')} />
      </div>
      <Arrived path={path} quiet={opened !== null} />
      {/* Behind the menu there is nothing to reach. */}
      <main id="content" tabIndex={-1} inert={side}>
        <Outlet />
      </main>
      {opened === 'palette' ? <Palette close={() => setOpened(null)} help={() => setOpened('help')} password={() => setOpened('password')} /> : null}
      {opened === 'password' ? <Password close={() => setOpened(null)} /> : null}
      <Toasts />
      <Modal opened={opened === 'help'} onClose={() => setOpened(null)} title={text.help.title} centered closeButtonProps={{ 'aria-label': text.close }}>
        <Help />
      </Modal>
    </div>
  );
}

/** Another page is another place: the reader is told, and goes on from there. */
function Arrived({ path, quiet }: { path: string; quiet: boolean }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    // A page names the window when it is drawn, which may be long after the address is another one.
    const watcher = new MutationObserver(() => setSaid(document.title));
    const title = document.querySelector('head > title');
    if (title) watcher.observe(title, { childList: true, characterData: true, subtree: true });
    return () => watcher.disconnect();
  }, []);
  const last = useRef(path);
  // A window that is about to open has the focus, though it may not be drawn yet.
  const silent = useRef(quiet);
  useEffect(() => {
    silent.current = quiet;
  }, [quiet]);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    // A page that asks for typing has drawn its field by then, most often.
    const timer = setTimeout(() => {
      const content = document.getElementById('content');
      // What asks for typing has taken the focus itself; a window in front keeps it.
      const busy = silent.current || content?.contains(document.activeElement) || document.querySelector('[role=dialog]');
      if (!busy) content?.focus({ preventScroll: true });
    }, 150);
    return () => clearTimeout(timer);
  }, [path]);
  return <p className="sr" role="status">{said}</p>;
}

function Brand() {
  return (
    <To to="/" className="brand">
      <img src="/mark.svg" alt="" />
      {'Cauce'}
    </To>
  );
}

function IconButton({ label, act, expanded, own, children }: { label: string; act: () => void; expanded?: boolean; own?: React.Ref<HTMLButtonElement>; children: React.ReactNode }) {
  return (
    <button ref={own} type="button" className="icon" aria-label={label} onClick={act} {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}>
      {children}
    </button>
  );
}

function Navigation({ path, chosen }: { path: string; chosen: () => void }) {
  const text = useText().shell;
  const within = (to: string) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
  return (
    // Also where the page that is chosen is the one that one is on.
    <nav aria-label={text.navigation} onClick={(event) => (event.target as Element).closest('a') && chosen()}>
      {GROUPS.map((group) => (
        <div key={group}>
          <h2>{text.groups[group]}</h2>
          <ul>
            {PLACES.filter((place) => place.group === group).map(({ name, to, icon: Icon }) => (
              <li key={name} data-within={within(to) ? '' : undefined}>
                <To to={to} current={within(to)}>
                  <Icon />
                  {text.places[name]}
                </To>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Who({ help, password }: { help: () => void; password: () => void }) {
  const text = useText().shell;
  const member = useMember();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = member.name || member.email;
  return (
    <div className="who">
      <Menu position="top-start" width={210}>
        <Menu.Target>
          <button type="button" className="me">
            <span className="face" aria-hidden="true">
              {name.slice(0, 1).toUpperCase()}
            </span>
            <span className="break">
              {name}
              <span className="faint small" style={{ display: 'block' }}>
                {text.roles[member.role]}
              </span>
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{text.theme}</Menu.Label>
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <Menu.Item key={scheme} onClick={() => setColorScheme(scheme)} rightSection={colorScheme === scheme ? '✓' : null}>
              {text.themes[scheme]}
            </Menu.Item>
          ))}
          <Menu.Label>{text.language}</Menu.Label>
          {LANGUAGES.map(({ code, name: own }) => (
            <Menu.Item
              key={code}
              lang={code}
              rightSection={document.documentElement.lang === code ? '✓' : null}
              onClick={() => {
                keepLanguage(code);
                location.reload();
              }}
            >
              {own}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={help} rightSection={<kbd>?</kbd>}>
            {text.help.title}
          </Menu.Item>
          <Menu.Item onClick={password}>{text.password.open}</Menu.Item>
          <Menu.Item onClick={() => void signOut()}>{text.signOut}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Help() {
  const text = useText().shell;
  const lines: [string, string][] = [
    [text.ctrlK, text.help.palette],
    ['/', text.help.search],
    ['j  k', text.help.rows],
    ['?', text.help.help],
    ...PLACES.map((place): [string, string] => [`g  ${place.letter}`, text.help.go(text.places[place.name])]),
  ];
  const [letters, setLetters] = useState(lettersOn);
  return (
    <div className="stack">
    <Checkbox
      label={text.help.letters} description={text.help.lettersHint} checked={letters}
      onChange={(event) => {
        keepLetters(event.currentTarget.checked);
        setLetters(event.currentTarget.checked);
      }}
    />
    <dl className="facts">
      {lines.map(([keys, words]) => (
        <div key={keys} style={{ display: 'contents' }}>
          <dt>
            {keys.split('  ').map((key) => (
              <kbd key={key} style={{ marginRight: 4 }}>
                {key}
              </kbd>
            ))}
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
    </div>
  );
}
