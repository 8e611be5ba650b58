import { Alert, Skeleton } from '@mantine/core';
import { JsonTree } from '../../../components/JsonTree';
import { type JsonNode, JsonSyntaxError, parseJson } from '../../../components/json/parse';
import { pathOfPointer } from '../../../components/json/rows';
import { TextView } from './TextView';
import { useWhole } from './useWhole';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

const decode = (bytes: Uint8Array): JsonNode => parseJson(new TextDecoder().decode(bytes));

/** A JSON exhibit as a tree; as text where it is too large or is no JSON, and then it says so. */
export function JsonView(props: ViewerProps) {
  const { made, error, tooLarge } = useWhole(props.source, decode);
  const why = tooLarge
    ? 'This exhibit is larger than 20 MiB, so it is shown as text.'
    : error instanceof JsonSyntaxError
      ? `This exhibit is not valid JSON (${error.message}), so it is shown as text.`
      : error !== undefined
        ? `This exhibit could not be read as JSON (${error instanceof Error ? error.message : String(error)}).`
        : undefined;
  if (why !== undefined) {
    return (
      <div className={classes.viewer}>
        <Alert color="yellow">{why}</Alert>
        <div style={{ flex: 1, minHeight: 0 }}>
          <TextView {...props} />
        </div>
      </div>
    );
  }
  if (!made) return <Skeleton height={200} aria-label="Loading" />;
  const pointer = props.place.kind === 'json' ? props.place.pointer : undefined;
  const missing = pointer !== undefined && pathOfPointer(made, pointer) === undefined;
  return (
    <div className={classes.viewer}>
      {missing && <Alert color="red">The cited place json:{pointer} is not in this exhibit.</Alert>}
      <div style={{ flex: 1, minHeight: 0 }}>
        <JsonTree
          root={made}
          label={`Content of ${props.id}`}
          pointer={pointer}
          onPointer={(pointer) => props.onPlace(`json:${pointer}`)}
        />
      </div>
    </div>
  );
}
