import { z } from 'zod';
import { type Citation, type ExhibitRecord, JsonObject } from '../../../../shared/domain';
import { LadingError } from '../../../../shared/errors';
import { atPointer, jsonAt } from '../../../../shared/locator';
import type { AnalyzeContext } from '../../analyzer';

export type Key = string | number;

/** A value of a document with its place. */
export interface Part<T> {
  value: T;
  key: Key;
  cite: Citation;
}

/**
 * A JSON exhibit, asked field by field: a field of the wrong type is reported as unreadable and counts as absent, and the
 * rest of the document is used all the same. Engines write null for what is not set, so null is absent too.
 */
export interface Doc {
  exhibit: ExhibitRecord;
  value: unknown;
  cite(...keys: Key[]): Citation;
  /** The value there, or undefined where there is none or it is not what the schema says. */
  get<T>(schema: z.ZodType<T>, ...keys: Key[]): T | undefined;
  /** The readable items of an array. Where one is of the wrong type, the others are given. */
  list<T>(schema: z.ZodType<T>, ...keys: Key[]): Part<T>[];
  /** The readable members of an object, in the order of the document. */
  members<T>(schema: z.ZodType<T>, ...keys: Key[]): Part<T>[];
}

/** Where a field of a document stands in the evidence: in which exhibit, at which keys. */
export type Placed = (keys: readonly Key[]) => { exhibit: ExhibitRecord; keys: readonly Key[] };

/**
 * Wraps a parsed JSON value. Each unreadable field is reported once. `placed` is for a value that is not the exhibit's
 * own root: a part of it, or several exhibits put together.
 */
export function jsonDoc(ctx: AnalyzeContext, exhibit: ExhibitRecord, value: unknown, placed?: Placed): Doc {
  const said = new Set<string>();
  const place: Placed = placed ?? ((keys) => ({ exhibit, keys }));
  const cite = (...keys: Key[]): Citation => {
    const here = place(keys);
    return { exhibit: here.exhibit.id, locator: jsonAt(...here.keys) };
  };

  function get<T>(schema: z.ZodType<T>, ...keys: Key[]): T | undefined {
    const locator = jsonAt(...keys);
    const found = atPointer(value, locator.slice('json:'.length));
    if (found === undefined || found === null) return undefined;
    const parsed = schema.safeParse(found);
    if (parsed.success) return parsed.data;
    if (!said.has(locator)) {
      said.add(locator);
      const here = place(keys);
      ctx.unreadable(
        here.exhibit,
        `At ${jsonAt(...here.keys)}: ${parsed.error.issues[0]?.message ?? 'not understood'}`,
      );
    }
    return undefined;
  }

  function parts<T>(schema: z.ZodType<T>, keys: Key[], inside: Key[]): Part<T>[] {
    return inside.flatMap((key) => {
      const one = get(schema, ...keys, key);
      return one === undefined ? [] : [{ value: one, key, cite: cite(...keys, key) }];
    });
  }

  return {
    exhibit,
    value,
    cite,
    get,
    list: (schema, ...keys) => parts(schema, keys, [...(get(z.array(z.unknown()), ...keys) ?? []).keys()]),
    members: (schema, ...keys) => {
      const object = get(JsonObject, ...keys);
      return parts(schema, keys, Object.keys(object ?? {}));
    },
  };
}

/** Parses a JSON exhibit. Throws BAD_INPUT where it is none, saying how far it can be read. */
export async function readDoc(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Doc> {
  return jsonDoc(ctx, exhibit, parseJson((await ctx.read(exhibit)).toString('utf8')));
}

/** JSON.parse with an error of ours. The parser's own message quotes the text, which may be hostile or secret. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
    throw new LadingError('BAD_INPUT', `This is not JSON${at ? ` (character ${at})` : ''}.`, { cause });
  }
}

/** A line of JSON with its 1-based number. */
export interface JsonLine {
  line: number;
  doc: Doc;
  cite: Citation;
}

/**
 * Reads JSON lines; a line that is none is reported with its number, and the others are read. Line numbers count \n,
 * as analyze/cite.ts does.
 */
export async function readJsonLines(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<JsonLine[]> {
  const text = (await ctx.read(exhibit)).toString('utf8');
  return text.split('\n').flatMap((content, i) => {
    const line = i + 1;
    if (content.trim() === '') return [];
    try {
      const cite = { exhibit: exhibit.id, locator: `line:${line}` };
      return [{ line, doc: jsonDoc(ctx, exhibit, parseJson(content)), cite }];
    } catch {
      ctx.unreadable(exhibit, `Line ${line} is not JSON${exhibit.partial ? '; only a part was collected' : ''}.`);
      return [];
    }
  });
}
