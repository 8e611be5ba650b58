import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import type { JudgedFinding, OpenCase } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { useCase, useCaseState } from '../case';
import { client, orpc } from '../client';
import { plural } from '../components/Bytes';
import { shortId } from '../components/Copyable';
import { showDone, showError } from '../errors';
import { exhibitRoute, exhibitsRoute, navigate, routeTo } from '../navigate';
import { screens } from '../screens';
import { useTheme } from '../useTheme';

const NONE: JudgedFinding[] = [];

interface Item {
  key: string;
  group: string;
  label: string;
  detail?: string;
  /** What the query is looked for in, lower case. */
  text: string;
  run: () => void;
}

/** Results a group, so that all groups are in sight. */
const A_GROUP = 8;

/** The list scrolls, so it must be reachable by keyboard (WCAG 2.1.1); it hands this on to its scroll area. */
const REACHABLE = { viewportProps: { tabIndex: 0 } };

function item(group: string, key: string, label: string, detail: string | undefined, run: () => void, more = ''): Item {
  const shownLabel = visible(label, { max: 160 });
  const shownDetail = detail === undefined ? undefined : visible(detail, { max: 160 });
  return {
    group,
    key: `${group} ${key}`,
    label: shownLabel,
    detail: shownDetail,
    run,
    text: `${key} ${label} ${detail ?? ''} ${more}`.toLowerCase(),
  };
}

/** What is in the case that one can go to. */
function caseItems(open: OpenCase): Item[] {
  const { exhibits, notes } = open.data;
  const targets = new Map<string, Item>();
  for (const { target } of exhibits) {
    const key = `${target.kind} ${target.id}`;
    if (target.kind === 'host' || targets.has(key)) continue;
    const detail = `${target.kind} ${shortId(target.id)}, its exhibits`;
    targets.set(
      key,
      item('Targets', key, target.name || target.id, detail, () => navigate(exhibitsRoute({ target: target.id }))),
    );
  }
  return [
    ...targets.values(),
    ...exhibits.map((exhibit) =>
      item(
        'Exhibits',
        exhibit.id,
        `${exhibit.id} ${exhibit.title}`,
        exhibit.target.name,
        () => navigate(exhibitRoute(exhibit.id)),
        exhibit.file,
      ),
    ),
    ...notes.map((note) => {
      const text = note.versions.at(-1)?.text ?? '';
      return item(
        'Notes',
        note.id,
        text.split('\n', 1)[0] ?? '',
        `note ${note.id}`,
        () => navigate(routeTo('notes', note.id)),
        text.slice(0, 2000),
      );
    }),
  ];
}

/** Ctrl/Cmd-K: every screen and action, and every target, exhibit, finding and note of the case. */
export function Palette({ onTasks, onHelp }: { onTasks: () => void; onHelp: () => void }) {
  const open = useCase();
  const { leave } = useCaseState();
  const { colorScheme } = useMantineColorScheme();
  const setTheme = useTheme();
  const [query, setQuery] = useState('');
  const words = useDeferredValue(query.toLowerCase().trim());
  const { data: findings = NONE } = useQuery(orpc.findings.list.queryOptions({ input: { case: open.path } }));

  // Words in the evidence itself: asked for when typing has paused, and only of an index that is there.
  const [paused] = useDebouncedValue(query.trim(), 250);
  const { data: found } = useQuery({
    ...orpc.evidence.search.queryOptions({ input: { case: open.path, text: paused, limit: A_GROUP } }),
    enabled: paused.length >= 3,
  });

  const actions = useMemo(() => {
    const start = (title: string, call: () => Promise<unknown>) => () => {
      call().then(
        () => showDone(`${title}: begun. See the tasks (Alt+T).`),
        (error: unknown) => showError(error, `${title}: not begun`),
      );
    };
    const at = { case: open.path };
    return [
      ...screens.map((screen) => item('Screens', screen.id, screen.title, screen.hint, () => navigate(screen.id))),
      item(
        'Actions',
        'verify',
        'Verify the case',
        'Reads every exhibit, ledger entry and seal; changes nothing',
        start('Verify', () => client.custody.verify(at)),
      ),
      item(
        'Actions',
        'analyze',
        'Analyze the exhibits',
        'Derives findings again from the exhibits',
        start('Analyze', () => client.findings.analyze(at)),
      ),
      item('Actions', 'seal', 'Seal the case', 'Signs the ledger as it stands', () => navigate('custody')),
      item('Actions', 'handover', 'Hand over the case', 'To whom, and why', () => navigate('custody')),
      item('Actions', 'connect', 'Connect to a host', undefined, () => navigate('hosts')),
      item('Actions', 'collect', 'Plan a collection', undefined, () => navigate('collect')),
      item('Actions', 'tasks', 'Show the tasks', 'Alt+T', onTasks),
      item('Actions', 'keys', 'Keyboard shortcuts', '?', onHelp),
      item('Actions', 'theme', colorScheme === 'dark' ? 'Light appearance' : 'Dark appearance', undefined, () =>
        setTheme(colorScheme === 'dark' ? 'light' : 'dark'),
      ),
      item('Actions', 'close', 'Close the case', 'Back to the start screen', () => void leave()),
    ];
  }, [open.path, colorScheme, setTheme, leave, onTasks, onHelp]);

  // Ten thousand exhibits are made ready once, when the first letter is typed, not at each.
  const asked = words !== '';
  const inCase = useMemo(
    () =>
      asked
        ? [
            ...caseItems(open),
            ...findings.map((finding) =>
              item(
                'Findings',
                finding.id,
                finding.title,
                `${finding.severity}, ${finding.target.name}`,
                () => navigate(routeTo('findings', finding.id)),
                finding.claim,
              ),
            ),
          ]
        : [],
    [asked, open, findings],
  );

  const groups = useMemo(() => {
    const byGroup = new Map<string, Item[]>();
    const parts = words.split(/\s+/).filter(Boolean);
    const consider = (some: Item[]) => {
      for (const one of some) {
        if (!parts.every((part) => one.text.includes(part))) continue;
        const group = byGroup.get(one.group) ?? [];
        if (group.length < A_GROUP + (one.group === 'Actions' ? 8 : 0)) byGroup.set(one.group, [...group, one]);
      }
    };
    consider(actions);
    consider(inCase);
    return [...byGroup];
  }, [words, actions, inCase]);

  const evidence = useMemo((): Item[] => {
    if (paused.length < 3 || words === '') return [];
    const all = found
      ? `${found.total >= 10_000 ? 'At least ' : ''}${plural(found.total, 'hit')} in the evidence; `
      : '';
    return [
      item(
        'In the evidence',
        'explain',
        `Everything tied to “${paused}”`,
        `${all}as a PID, path, address, digest`,
        () => navigate(routeTo('processes', paused)),
      ),
      ...(found?.hits ?? []).map((hit, at) =>
        item(
          'In the evidence',
          `hit ${at}`,
          hit.excerpt.replaceAll('\n', ' · '),
          `${hit.exhibit} ${hit.locator}, ${hit.target.name}, ${hit.title}`,
          () => navigate(exhibitRoute(hit.exhibit, hit.locator)),
        ),
      ),
    ];
  }, [paused, words, found]);

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={440}
      clearQueryOnClose
      overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}
    >
      <Spotlight.Search
        placeholder="A screen, an action, a container, an exhibit, a note, words in the evidence…"
        aria-label="Go to"
      />
      <Spotlight.ActionsList {...REACHABLE}>
        {[...groups, ...(evidence.length > 0 ? [['In the evidence', evidence] as const] : [])].map(([group, items]) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {items.map((one) => (
              <Spotlight.Action
                key={one.key}
                label={one.label}
                description={one.detail}
                onClick={() => {
                  spotlight.close();
                  one.run();
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && evidence.length === 0 && <Spotlight.Empty>Nothing with these words.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
