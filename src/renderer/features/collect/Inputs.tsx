import { Badge, Button, Checkbox, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CollectorInfo, Profile } from '../../../shared/domain';
import classes from './collect.module.css';
import { chosenOf, type Draft, enteredFor } from './draft';
import { type Entered, type Field, fieldsOf, readForm } from './fields';

interface Props {
  draft: Draft;
  profile: Profile | undefined;
  catalogue: readonly CollectorInfo[];
  onChange: (change: Partial<Draft>) => void;
}

/** What the chosen collectors need to be told, or may be told, each in a form made from its own schema. */
export function Inputs({ draft, profile, catalogue, onChange }: Props) {
  const chosen = new Set(chosenOf(draft, profile));
  const asking = catalogue.flatMap((info) => {
    const fields = chosen.has(info.id) && info.input ? fieldsOf(info.input) : undefined;
    return fields && fields.length > 0 ? [{ info, fields }] : [];
  });
  if (asking.length === 0) return null;
  const needed = asking.filter(({ fields }) => fields.some((field) => field.required));
  const others = asking.filter(({ fields }) => !fields.some((field) => field.required));
  const form = ({ info, fields }: (typeof asking)[number], open: boolean) => (
    <InputForm
      key={info.id}
      info={info}
      fields={fields}
      open={open}
      entered={enteredFor(draft, profile, info.id)}
      changed={draft.entered[info.id] !== undefined}
      onEnter={(entered) => {
        const { [info.id]: _, ...rest } = draft.entered;
        onChange({ entered: entered ? { ...rest, [info.id]: entered } : rest });
      }}
    />
  );
  return (
    <section className={classes.inputs} aria-label="What they are told">
      {needed.map((one) => form(one, true))}
      {others.map((one) => form(one, false))}
    </section>
  );
}

interface FormProps {
  info: CollectorInfo;
  fields: Field[];
  open: boolean;
  entered: Entered;
  changed: boolean;
  /** Undefined: as it comes again. */
  onEnter: (entered: Entered | undefined) => void;
}

function InputForm({ info, fields, open, entered, changed, onEnter }: FormProps) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const { errors, missing } = readForm(fields, entered);
  const wrong = Object.keys(errors).length > 0;
  const state = wrong
    ? { text: 'not right', color: 'red' }
    : missing.length > 0
      ? { text: 'needed', color: 'yellow' }
      : changed
        ? { text: 'changed', color: 'blue' }
        : undefined;
  return (
    <details className={classes.input} open={open || undefined}>
      <summary>
        {info.title}{' '}
        {state ? <Badge color={state.color}>{state.text}</Badge> : <span className={classes.dim}>as it comes</span>}
      </summary>
      <Stack gap={8} p={8} role="group" aria-label={info.title}>
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={entered[field.name] ?? field.initial}
            error={
              errors[field.name] ??
              (left.has(field.name) && missing.includes(field.label) ? 'It cannot be taken without this.' : undefined)
            }
            onLeave={() => setLeft((before) => new Set(before).add(field.name))}
            onEnter={(value) => onEnter({ ...entered, [field.name]: value })}
          />
        ))}
        {changed && (
          <Button variant="subtle" size="compact-sm" style={{ alignSelf: 'start' }} onClick={() => onEnter(undefined)}>
            As it comes
          </Button>
        )}
      </Stack>
    </details>
  );
}

interface FieldProps {
  field: Field;
  value: string | boolean;
  error?: string;
  onEnter: (value: string | boolean) => void;
  onLeave: () => void;
}

function FieldInput({ field, value, error, onEnter, onLeave }: FieldProps) {
  const { label, kind } = field;
  if (kind === 'switch') {
    return (
      <Checkbox
        label={label}
        description={field.help}
        checked={value === true}
        onChange={(event) => onEnter(event.currentTarget.checked)}
      />
    );
  }
  if (kind === 'choice') {
    return (
      <Select
        label={label}
        description={field.help}
        data={field.options}
        value={String(value)}
        error={error}
        onChange={(next) => onEnter(next ?? field.initial)}
        allowDeselect={false}
        comboboxProps={{ withinPortal: true }}
      />
    );
  }
  const common = {
    label,
    required: field.required,
    withAsterisk: field.required,
    value: String(value),
    error,
    onBlur: onLeave,
    spellCheck: false,
  };
  if (kind === 'lines' || kind === 'numbers') {
    return (
      <Textarea
        {...common}
        description={`${field.help} ${kind === 'lines' ? 'One a line.' : 'Several with blanks.'}`}
        autosize
        minRows={2}
        maxRows={8}
        classNames={{ input: classes.mono }}
        onChange={(event) => onEnter(event.currentTarget.value)}
      />
    );
  }
  const limits = kind === 'number' && field.maximum !== undefined ? ` ${field.minimum ?? 0} to ${field.maximum}.` : '';
  return (
    <TextInput
      {...common}
      description={`${field.help}${limits}`}
      inputMode={kind === 'number' ? 'decimal' : undefined}
      placeholder={kind === 'time' ? '2026-11-25 03:00' : undefined}
      rightSection={
        kind === 'time' ? (
          <Text size="xs" c="dimmed">
            UTC
          </Text>
        ) : undefined
      }
      onChange={(event) => onEnter(event.currentTarget.value)}
    />
  );
}
