import { describe, expect, it } from 'vitest';
import { profiles } from '../../../src/main/collect/profiles';
import { catalogue } from '../../../src/main/collect/registry';
import { chosenOf, type Draft, selectionOf, toldOf } from '../../../src/renderer/features/collect/draft';
import { hostStates } from '../../../src/renderer/features/collect/HostProgress';
import type { Profile, TaskItem } from '../../../src/shared/domain';

const CATALOGUE = catalogue();
const DRAFT: Draft = { without: [], profile: 'triage', leftOut: [], entered: {}, reason: '' };
const TRIAGE = profiles().find(({ id }) => id === 'triage');
const OWN: Profile = {
  id: 'mine',
  title: 'Mine',
  description: '',
  own: true,
  collectors: ['host.clock', 'container.inside.users'],
  inputs: { 'container.inside.users': { seconds: 9 } },
};

describe('what is asked of the core', () => {
  it('leaves out of a profile what is left out, and nothing that it does not have', () => {
    const draft = { ...DRAFT, leftOut: ['engine.info', 'container.export'] };
    expect(chosenOf(draft, TRIAGE)).not.toContain('engine.info');
    expect(selectionOf(draft, [], TRIAGE, {}).without).toEqual(['engine.info']);
    expect(selectionOf({ ...draft, own: ['engine.info'] }, [], TRIAGE, {})).toMatchObject({
      collectors: ['engine.info'],
      profile: undefined,
      without: undefined,
    });
  });

  it('tells collectors what the profile says, changed by what was entered', () => {
    const entered = { 'container.inside.users': { user: 'root' }, 'host.audit': { since: 'x' } };
    expect(toldOf({ ...DRAFT, entered }, OWN, CATALOGUE)).toEqual({
      inputs: { 'container.inside.users': { seconds: 9, user: 'root' } },
      wrong: [],
    });
    const wrong = { 'container.inside.users': { seconds: 'x' } };
    expect(toldOf({ ...DRAFT, entered: wrong }, OWN, CATALOGUE).wrong).toHaveLength(1);
    // A collector that is left out is not told anything.
    expect(toldOf({ ...DRAFT, leftOut: ['container.inside.users'] }, OWN, CATALOGUE).inputs).toEqual({});
  });
});

describe('progress by host', () => {
  const item = (host: string | undefined, state: TaskItem['state'], bytes = 1): TaskItem => ({
    key: `${host} ${state}`,
    label: '',
    host,
    state,
    bytes,
  });

  it('counts each host by itself, and says which has lost its connection', () => {
    const items = [
      item('a', 'done', 5),
      item('b', 'failed'),
      item('a', 'reconnecting'),
      item('a', 'running'),
      item('b', 'partial'),
      item(undefined, 'running'),
      item('c', 'waiting'),
    ];
    expect(hostStates(items)).toEqual([
      { host: 'a', done: 1, total: 3, bytes: 7, failed: 0, partial: 0, state: 'reconnecting' },
      { host: 'b', done: 2, total: 2, bytes: 2, failed: 1, partial: 1, state: 'ended' },
      { host: 'c', done: 0, total: 1, bytes: 1, failed: 0, partial: 0, state: 'waiting' },
    ]);
  });
});
