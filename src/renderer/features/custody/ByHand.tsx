import { Text, Title } from '@mantine/core';
import { useCase } from '../../case';
import { Copyable } from '../../components/Copyable';
import { Panel } from '../../components/Panel';
import classes from './custody.module.css';

function Command({ text }: { text: string }) {
  return (
    <div className={classes.command}>
      <pre>{text}</pre>
      <Copyable value={text} label="command" text="copy" />
    </div>
  );
}

/** How anybody checks the case with nothing but the tools of a Linux system; a sealed case's data/README.txt says the same. */
export function ByHand() {
  const { path, data } = useCase();
  const seal = data.seals.at(-1);
  const name = seal && String(seal.seq).padStart(6, '0');
  return (
    <Panel
      title="Check this case without Lading"
      aside={<Copyable value={path} label="case folder" text="copy the folder's path" />}
    >
      <div className={classes.step}>
        <Title order={3}>One exhibit</Title>
        <Text size="sm">In the case folder. Compare with the SHA-256 on the Exhibits screen or in the report.</Text>
        <Command text="sha256sum evidence/E0001/*" />
      </div>
      {seal && name ? (
        <>
          <div className={classes.step}>
            <Title order={3}>Every file, as it was sealed</Title>
            <Text size="sm">
              Work after the last seal changes ledger.jsonl and case.json; then the second manifest reports just those
              until the next seal.
            </Text>
            <Command text="sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt" />
          </div>
          <div className={classes.step}>
            <Title order={3}>The last seal's signature</Title>
            <Command
              text={`openssl pkeyutl -verify -pubin -inkey seals/${seal.fingerprint}.pem -rawin -in seals/${name}.json -sigfile seals/${name}.sig`}
            />
          </div>
          <div className={classes.step}>
            <Title order={3}>Whose key it is</Title>
            <Text size="sm">
              The result is the key's fingerprint. Compare it with the one the examiner gave you by other means.
            </Text>
            <Command text={`openssl pkey -pubin -in seals/${seal.fingerprint}.pem -outform DER | sha256sum`} />
          </div>
        </>
      ) : (
        <div className={classes.step}>
          <Title order={3}>Everything</Title>
          <Text size="sm">
            The manifests and the signature that check the whole folder are written by a seal; this case has none yet.
          </Text>
        </div>
      )}
      <div className={classes.step}>
        <Title order={3}>The ledger</Title>
        <Text size="sm">
          One entry a line, in canonical JSON (RFC 8785). The “prev” of each is the “hash” of the one before it; each
          “hash” is the SHA-256 of its line without its own “hash” member. For the first entry:
        </Text>
        <Command
          text={
            'sed -E \'s/"hash":"[0-9a-f]{64}",("prev":"[0-9a-f]{64}","seq":[0-9]+,"subject":)/\\1/\' ledger.jsonl | head -n 1 | tr -d \'\\n\' | sha256sum'
          }
        />
      </div>
    </Panel>
  );
}
