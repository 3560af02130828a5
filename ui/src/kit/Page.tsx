import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import { To } from './To';

interface PageProps {
  title: string;
  sub?: ReactNode;
  crumbs?: { to: string; words: string }[];
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: where one is, what it is, what one can do here. */
export function Page({ title, sub, crumbs, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Cauce`;
  }, [title]);
  return (
    <div className="page">
      {crumbs ? (
        <div className="crumbs">
          {crumbs.map((crumb) => (
            <span key={crumb.to}>
              <To to={crumb.to}>{crumb.words}</To>
              <span aria-hidden="true"> / </span>
            </span>
          ))}
        </div>
      ) : null}
      <div className="page-head">
        <div className="words">
          <h1>{title}</h1>
          {sub ? <p>{sub}</p> : null}
        </div>
        {actions ? <div className="actions">{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  sub?: ReactNode;
  end?: ReactNode;
  /** Without inner margin: tables reach the edge. */
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, sub, end, flush, children }: PanelProps) {
  return (
    <section className="panel">
      {title ? (
        <header>
          <h2>{title}</h2>
          {end ? <div className="end">{end}</div> : null}
        </header>
      ) : null}
      {sub ? <p className="sub">{sub}</p> : null}
      {flush ? children : <div className="pad">{children}</div>}
    </section>
  );
}

/** Sides of one thing, of which the address names one. */
export function Tabs({ base, tabs, at, label }: { base: string; tabs: [string, string][]; at: string; label: string }) {
  const bar = useRef<HTMLElement>(null);
  // Where there is little room, the side that one is at is in sight.
  useLayoutEffect(() => {
    const here = bar.current?.querySelector<HTMLElement>('[aria-current]');
    if (bar.current && here) bar.current.scrollLeft = here.offsetLeft - bar.current.offsetLeft - (bar.current.clientWidth - here.offsetWidth) / 2;
  }, [at]);
  return (
    <nav className="tabs" aria-label={label} ref={bar}>
      {tabs.map(([key, words], place) => (
        <To key={key} to={place === 0 ? base : `${base}?tab=${key}`} current={at === key} replace>
          {words}
        </To>
      ))}
    </nav>
  );
}

/** Facts by name. */
export function Facts({ facts }: { facts: [ReactNode, ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value], place) => (
        // The place is the fact's identity: names are words, and lists of facts do not reorder.
        <div key={place} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Numbers that are read first. */
export function Stats({ stats }: { stats: { name: string; value: ReactNode; small?: ReactNode }[] }) {
  return (
    <dl className="stats">
      {stats.map((stat) => (
        <div className="stat" key={stat.name}>
          <dt>{stat.name}</dt>
          <dd>
            {stat.value}
            {stat.small ? <small>{stat.small}</small> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'going' | 'calm';

/** A state as a word with a dot; never by the colour alone. */
export function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`state ${tone}`}>{children}</span>;
}

export function Tag({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`tag ${tone ?? ''}`}>{children}</span>;
}
