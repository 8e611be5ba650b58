import { ActionIcon, TextInput, type TextInputProps } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { FolderPicker } from './FolderPicker';
import classes from './FolderPicker.module.css';

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string;
  onChange: (path: string) => void;
  pick: 'folder' | 'case' | 'any';
  pickTitle: string;
  /** Where the chooser begins when nothing is typed. */
  start?: string;
  /** Makes the field's value from the chosen path. */
  fromPick?: (path: string) => string;
  /** Takes the chosen path instead of the field. */
  onPick?: (path: string) => void;
}

/** A path of this machine: typed, or chosen. */
export function PathInput({
  value,
  onChange,
  pick,
  pickTitle,
  start,
  fromPick = (path) => path,
  onPick,
  ...rest
}: Props) {
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <TextInput
        {...rest}
        className={classes.path}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
        rightSection={
          <ActionIcon aria-label={pickTitle} title={pickTitle} onClick={() => setChoosing(true)}>
            <IconFolderOpen size={16} aria-hidden />
          </ActionIcon>
        }
      />
      <FolderPicker
        opened={choosing}
        title={pickTitle}
        pick={pick}
        start={start}
        onPick={onPick ?? ((path) => onChange(fromPick(path)))}
        onClose={() => setChoosing(false)}
      />
    </>
  );
}
