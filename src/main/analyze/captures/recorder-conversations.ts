import { addressText } from '../formats/net/address';
import {
  C,
  COLUMNS,
  type FlowTable,
  keyAt,
  LAYERS,
  layerOf,
  portsOf,
  type Recalled,
} from '../formats/net/conversations';
import type { Db } from '../index/db';

/** In the order in which `spill` gives their values. */
const COLUMN_NAMES =
  'id layer a a_port b b_port packets_ab bytes_ab packets_ba bytes_ba first last first_at first_length last_at last_length base_a base_b flags payload_ab payload_ba gaps gap_mean gap_squares top_at top_length'.split(
    ' ',
  );

/** Writes conversations away, and finds them again; `step` is called for each row. */
export function conversationWriter(db: Db, step: () => void) {
  const conversation =
    db.prepare(`INSERT INTO conversations (${COLUMN_NAMES.join(', ')}) VALUES (${COLUMN_NAMES.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET packets_ab = packets_ab + excluded.packets_ab, bytes_ab = bytes_ab + excluded.bytes_ab,
    packets_ba = packets_ba + excluded.packets_ba, bytes_ba = bytes_ba + excluded.bytes_ba, last = max(last, excluded.last),
    last_at = excluded.last_at, last_length = excluded.last_length, base_a = excluded.base_a, base_b = excluded.base_b,
    flags = excluded.flags, payload_ab = payload_ab + excluded.payload_ab, payload_ba = payload_ba + excluded.payload_ba`);
  let recalls: ReturnType<Db['prepare']> | undefined;

  return {
    spill(table: FlowTable): void {
      for (let n = 0; n < table.size(); n++) {
        const v = table.values.subarray(n * COLUMNS, (n + 1) * COLUMNS) as Float64Array;
        const layer = LAYERS[layerOf(table, n)] ?? 'ip';
        const ports = layer === 'ip' || layer === 'ipv6' ? [null, null] : portsOf(table, n);
        const k = keyAt(n);
        // a renewed row that was never counted on
        if (Number.isNaN(v[C.first])) continue;
        const at = (column: number) => v[column] as number;
        conversation.run([
          at(C.id),
          layer,
          addressText(table.keys, k),
          ports[0] as number | null,
          addressText(table.keys, k + 4),
          ports[1] as number | null,
          at(C.packetsAB),
          at(C.bytesAB),
          at(C.packetsBA),
          at(C.bytesBA),
          at(C.first),
          at(C.last),
          at(C.firstAt),
          at(C.firstLength),
          at(C.lastAt),
          at(C.lastLength),
          at(C.baseA),
          at(C.baseB),
          at(C.flags),
          at(C.payloadAB),
          at(C.payloadBA),
          at(C.gaps),
          at(C.gapMean),
          at(C.gapSquares),
          at(C.topAt),
          at(C.topLength),
        ]);
        step();
      }
    },
    /** Looks for the last conversation of these ends, when rows were spilled. */
    recall(words: Uint32Array, layer: number, sport: number, dport: number): Recalled | undefined {
      if (!recalls) {
        db.exec('CREATE INDEX IF NOT EXISTS conversations_ends ON conversations (a, b, a_port, b_port, layer)');
        recalls = db.prepare(
          'SELECT id, base_a AS baseA, base_b AS baseB, flags FROM conversations WHERE a = ? AND b = ? AND a_port IS ? AND b_port IS ? AND layer = ? ORDER BY id DESC LIMIT 1',
        );
      }
      const name = LAYERS[layer] ?? 'ip';
      const [p, q] = layer < 2 ? [null, null] : [sport, dport];
      const [source, target] = [addressText(words, 0), addressText(words, 4)];
      const straight = parse(recalls.get(source, target, p, q, name), false);
      const turned = parse(recalls.get(target, source, q, p, name), true);
      return straight && (!turned || straight.id >= turned.id) ? straight : turned;
    },
  };
}

function parse(row: unknown, turned: boolean): Recalled | undefined {
  if (row === null || typeof row !== 'object') return undefined;
  const number = (key: string) => {
    const value: unknown = Reflect.get(row, key);
    return typeof value === 'number' ? value : 0;
  };
  return { id: number('id'), turned, baseA: number('baseA'), baseB: number('baseB'), flags: number('flags') };
}
