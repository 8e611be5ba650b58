import { useQueries } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import { orpc } from '../../client';
import { VisibleText } from '../../components/VisibleText';
import classes from './files.module.css';

interface Props {
  /** Path of the case, and the file system's key. */
  path: string;
  view: string;
  folder: string;
  onFolder: (folder: string) => void;
}

interface Node {
  path: string;
  name: string;
  depth: number;
  open: boolean;
  drift: boolean;
}

/** Folders shown below one; a folder of more is browsed in the list. */
const SHOWN = 1000;

const above = (folder: string): string[] =>
  folder === '/'
    ? ['/']
    : [
        '/',
        ...folder
          .split('/')
          .slice(1, -1)
          .map((_, at, all) => `/${all.slice(0, at + 1).join('/')}`),
      ];

/** The folders of a file system, opened as one goes: arrow keys move, right opens, left closes. */
export function FolderTree({ path, view, folder, onFolder }: Props) {
  const base = useId();
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(above(folder)));
  useEffect(() => {
    setOpen((was) => (above(folder).every((one) => was.has(one)) ? was : new Set([...was, ...above(folder)])));
  }, [folder]);
  const opened = useMemo(() => [...open].sort(), [open]);
  const answers = useQueries({
    queries: opened.map((one) =>
      orpc.files.list.queryOptions({
        input: { case: path, view, folder: one, foldersOnly: true, limit: SHOWN },
      }),
    ),
  });
  const nodes: Node[] = [{ path: '/', name: '/', depth: 0, open: open.has('/'), drift: false }];
  const add = (parent: string, depth: number) => {
    const rows = answers[opened.indexOf(parent)]?.data?.rows ?? [];
    for (const row of rows) {
      if (row.path === '/') continue;
      const isOpen = open.has(row.path);
      const name = row.path.slice(parent === '/' ? 1 : parent.length + 1);
      nodes.push({ path: row.path, name, depth, open: isOpen, drift: !['image', 'unknown'].includes(row.state) });
      if (isOpen) add(row.path, depth + 1);
    }
  };
  if (open.has('/')) add('/', 1);
  const at = nodes.findIndex((node) => node.path === folder);
  const toggle = (node: Node, wanted: boolean) => {
    const next = new Set(open);
    if (wanted) next.add(node.path);
    else next.delete(node.path);
    setOpen(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const node = nodes[at];
    const go = (index: number) => {
      const to = nodes[Math.min(nodes.length - 1, Math.max(0, index))];
      if (to) onFolder(to.path);
    };
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(nodes.length - 1);
    else if (event.key === 'ArrowRight' && node && !node.open) toggle(node, true);
    else if (event.key === 'ArrowLeft' && node?.open && node.path !== '/') toggle(node, false);
    else if (event.key === 'ArrowLeft' && folder !== '/') onFolder(above(folder).at(-1) ?? '/');
    else return;
    event.preventDefault();
  };
  return (
    <div
      className={classes.tree}
      role="tree"
      aria-label="Folders"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `${base}-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      {nodes.map((node, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active node.
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the tree's.
        <div
          key={node.path}
          id={`${base}-${index}`}
          role="treeitem"
          aria-level={node.depth + 1}
          aria-expanded={node.open}
          aria-selected={node.path === folder}
          className={classes.node}
          data-chosen={node.path === folder}
          data-drift={node.drift}
          style={{ paddingLeft: 6 + node.depth * 12 }}
          onClick={() => onFolder(node.path)}
          onDoubleClick={() => toggle(node, !node.open)}
        >
          <span
            className={classes.twist}
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              toggle(node, !node.open);
            }}
          >
            {node.open ? '▾' : '▸'}
          </span>
          <VisibleText text={node.name} max={200} />
        </div>
      ))}
    </div>
  );
}
