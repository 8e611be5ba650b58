import { z } from 'zod';

/**
 * What a collector may be told, as fields of a form. Made from its JSON Schema (2020-12) as the catalogue gives it; the
 * core checks the same again with the collector's own schema.
 */
export interface Field {
  name: string;
  label: string;
  help: string;
  required: boolean;
  kind: 'switch' | 'number' | 'text' | 'lines' | 'numbers' | 'choice' | 'time';
  /** What it is when nothing is entered. */
  initial: string | boolean;
  options: string[];
  minimum?: number;
  /** As minimum, itself left out. */
  above?: number;
  maximum?: number;
  integer: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
}

/** What stands in the fields of a form, by their names: text as typed, or a switch. */
export type Entered = Readonly<Record<string, string | boolean>>;

const Property = z.object({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
  description: z.string().default(''),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  items: z
    .object({
      type: z.enum(['string', 'integer', 'number']),
      pattern: z.string().optional(),
      minLength: z.number().optional(),
      maxLength: z.number().optional(),
      minimum: z.number().optional(),
      exclusiveMinimum: z.number().optional(),
      maximum: z.number().optional(),
    })
    .optional(),
});

const Schema = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

const LABELS: Record<string, string> = { argv: 'Program and its words', since: 'From', until: 'Until' };

/** 'wholeSystem' as 'Whole system'. */
function labelOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** The fields of a schema; undefined where it has a shape that no form here can show. */
export function fieldsOf(schema: unknown): Field[] | undefined {
  const whole = Schema.safeParse(schema);
  if (!whole.success) return undefined;
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(whole.data.properties)) {
    const parsed = Property.safeParse(value);
    if (!parsed.success) return undefined;
    const one = parsed.data;
    const rules = one.type === 'array' ? { ...one, ...one.items } : one;
    fields.push({
      name,
      label: labelOf(name),
      help: one.description,
      required: whole.data.required.includes(name) && one.default === undefined,
      kind: kindOf(one),
      initial: enteredOf(one.default),
      options: one.enum ?? [],
      minimum: rules.minimum,
      above: rules.exclusiveMinimum,
      maximum: rules.maximum,
      integer: rules.type === 'integer',
      minLength: rules.minLength,
      maxLength: rules.maxLength,
      pattern: rules.pattern,
      minItems: one.minItems,
      maxItems: one.maxItems,
    });
  }
  // What has to be said comes first.
  return fields.sort((a, b) => Number(b.required) - Number(a.required));
}

function kindOf(one: z.infer<typeof Property>): Field['kind'] {
  if (one.type === 'boolean') return 'switch';
  if (one.type === 'array') return one.items && one.items.type !== 'string' ? 'numbers' : 'lines';
  if (one.type !== 'string') return 'number';
  if (one.enum) return 'choice';
  return one.format === 'date-time' ? 'time' : 'text';
}

/** A value as a field shows it. */
export function enteredOf(value: unknown): string | boolean {
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(String).join('\n');
  return value === undefined || value === null ? '' : String(value);
}

/** A profile's input as its form shows it. */
export function enteredInput(input: unknown): Entered {
  const held = z.record(z.string(), z.unknown()).safeParse(input);
  return held.success ? Object.fromEntries(Object.entries(held.data).map(([name, one]) => [name, enteredOf(one)])) : {};
}

/** What a form says: the values that are right, and by the names of the others what is wrong. */
export function readForm(
  fields: readonly Field[],
  entered: Entered,
): { values: Record<string, unknown>; errors: Record<string, string>; missing: string[] } {
  const values: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  const missing: string[] = [];
  for (const field of fields) {
    const given = entered[field.name] ?? field.initial;
    if (field.kind !== 'switch' && String(given).trim() === '') {
      if (field.required) missing.push(field.label);
      continue;
    }
    const read = readField(field, given);
    if ('error' in read) errors[field.name] = read.error;
    else values[field.name] = read.value;
  }
  return { values, errors, missing };
}

type Read = { value: unknown } | { error: string };

function readField(field: Field, given: string | boolean): Read {
  if (field.kind === 'switch') return { value: given === true };
  const text = String(given);
  if (field.kind === 'number') return readNumber(field, text.trim());
  if (field.kind === 'time') return readTime(text.trim());
  if (field.kind === 'choice') {
    return field.options.includes(text) ? { value: text } : { error: `One of: ${field.options.join(', ')}.` };
  }
  if (field.kind === 'text') {
    const error = textError(field, text.trim());
    return error ? { error } : { value: text.trim() };
  }
  // A blank may be part of a name, but not of a number.
  const words = field.kind === 'numbers' ? text.trim().split(/[\s,]+/) : text.split(/\r?\n/);
  return readList(
    field,
    words.filter((word) => word !== ''),
  );
}

function readList(field: Field, words: string[]): Read {
  if (field.maxItems !== undefined && words.length > field.maxItems) {
    return { error: `At most ${field.maxItems}; these are ${words.length}.` };
  }
  const values: unknown[] = [];
  for (const [i, word] of words.entries()) {
    if (field.kind === 'numbers') {
      const read = readNumber(field, word);
      if ('error' in read) return { error: `Number ${i + 1}: ${read.error}` };
      values.push(read.value);
      continue;
    }
    const error = textError(field, word);
    if (error) return { error: `Line ${i + 1}: ${error}` };
    values.push(word);
  }
  return { value: values };
}

function readNumber(
  {
    integer,
    minimum = Number.NEGATIVE_INFINITY,
    above = Number.NEGATIVE_INFINITY,
    maximum = Number.POSITIVE_INFINITY,
  }: Field,
  text: string,
): Read {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) return { error: 'This is no number.' };
  if (integer && !Number.isInteger(value)) return { error: 'A whole number, please.' };
  if (value < minimum) return { error: `At least ${minimum}.` };
  if (value <= above) return { error: `More than ${above}.` };
  if (value > maximum) return { error: `At most ${maximum}.` };
  return { value };
}

/** RFC 3339; a blank for the T, a missing zone (then UTC) and missing seconds are filled in. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?$/i;

function readTime(text: string): Read {
  const match = TIME.exec(text);
  const time = match && `${match[1]}T${match[2]}${match[3] ?? ':00'}${(match[4] ?? 'Z').toUpperCase()}`;
  const ms = time ? Date.parse(time) : Number.NaN;
  // Date.parse takes 30 February for 2 March
  const day = match && new Date(`${match[1]}T00:00:00Z`);
  if (!time || Number.isNaN(ms) || !day || day.toISOString().slice(0, 10) !== match[1]) {
    return { error: 'A time like 2026-11-25 03:00 (UTC) or 2026-11-25T03:00:00+01:00.' };
  }
  return { value: time };
}

function textError({ minLength = 0, maxLength, pattern }: Field, text: string): string | undefined {
  if (text.length < minLength) return `At least ${minLength} characters.`;
  if (maxLength !== undefined && text.length > maxLength) return `At most ${maxLength} characters.`;
  if (pattern === undefined || new RegExp(pattern, 'u').test(text)) return undefined;
  if (pattern === '^\\/.*') return 'A path begins with /.';
  return 'This is not of the right form.';
}
