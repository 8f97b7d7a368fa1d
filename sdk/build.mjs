// Builds the scripts for other people's sites into ../public: the loader, which
// may not grow fat, what the chat itself needs before its WASM, and a client for
// programs.

import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMITS = { 'widget.js': 4096, 'chat.js': 2048 };
/** The client, for every way there is to load one. */
const CLIENT = {
  'receptionist-sdk.mjs': { format: 'esm' },
  'receptionist-sdk.cjs': { format: 'cjs' },
  'receptionist-sdk.min.js': { format: 'iife', globalName: 'ReceptionistSDK', minify: true },
};
const output = new URL('../public/', import.meta.url);

await mkdir(new URL('sdk/', output), { recursive: true });
for (const [name, options] of Object.entries(CLIENT)) {
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/sdk.ts'],
    bundle: true,
    target: 'es2019',
    outfile: fileURLToPath(new URL(`sdk/${name}`, output)),
    ...options,
  });
}
for (const [name, limit] of Object.entries(LIMITS)) {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: [`src/${name.replace('.js', '.ts')}`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2019',
    write: false,
  });
  const code = outputFiles[0].contents;
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${name}: ${code.length} bytes, ${size} gzipped (limit ${limit})`);
  if (size > limit) {
    console.error(`${name} is over its limit and was not written.`);
    process.exit(1);
  }
  await writeFile(new URL(name, output), code);
}
