// What Frontdesk asks of PostgreSQL, and how fast PostgreSQL does it for
// pgbench, which has nothing else to do.
//
// The statements are recorded from PostgreSQL's log as requests run, so the
// floor stays what the code does.

import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const { PSQL, PGBENCH, STATEMENTS, SCRATCH } = process.env;

/** What the server does by itself, now and then: announcing events, sweeping. */
const BACKGROUND = /announced_at|pg_notify|expires_at <=? \$1\s*$/;

export async function psql(sql) {
  const running = run(PSQL, ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres', 'postgres'], { maxBuffer: 1e8 });
  running.child.stdin.end(sql);
  return (await running).stdout.trim();
}

/** The transactions that PostgreSQL ran for `work`, each a list of `{ sql, values }`, and what `work` gave. */
export async function record(work) {
  await log('all');
  const { size } = await stat(STATEMENTS);
  const result = await work();
  await log('none');
  const lines = (await readFile(STATEMENTS)).subarray(size).toString().trim().split('\n');
  return { result, transactions: transactions(lines.map((line) => JSON.parse(line))) };
}

async function log(statements) {
  await psql(`alter system set log_statement = '${statements}'; select pg_reload_conf();`);
  await pause(500);
}

function transactions(lines) {
  const all = [];
  const open = new Map();
  for (const { pid, user, message, detail } of lines) {
    const sql = /^(?:statement|execute [^:]*): ([^]*)$/.exec(message)?.[1].trim().replace(/;$/, '');
    if (!sql || user !== 'frontdesk_app') continue;
    if (!open.has(pid) && !/^(?:begin|start)/i.test(sql)) {
      // A statement by itself is a transaction of its own.
      all.push([{ sql, values: values(detail ?? '') }]);
      continue;
    }
    if (!open.has(pid)) all.push(open.set(pid, []).get(pid));
    open.get(pid).push({ sql, values: values(detail ?? '') });
    if (/^(?:commit|rollback)$/i.test(sql)) open.delete(pid);
  }
  return all.filter((statements) => !statements.some(({ sql }) => BACKGROUND.test(sql)));
}

/** `parameters: $1 = 'Ada', $2 = NULL` */
function values(detail) {
  const found = detail.matchAll(/\$(\d+) = (?:NULL|'((?:[^']|'')*)')/g);
  return new Map([...found].map(([, number, text]) => [number, text?.replaceAll("''", "'") ?? null]));
}

/**
 * A pgbench script of recorded transactions. A value that `stands` has an
 * expression for becomes that, also where it is a part of another.
 */
export async function script(name, head, transactions, stands) {
  const types = await parameterTypes(transactions.flat().map(({ sql }) => sql));
  const lines = transactions.flat().map(({ sql, values }) => {
    const typed = types.get(sql);
    // Who it is for stands in the statement that begins a transaction.
    if (/^begin;/i.test(sql)) return `${sql.replace(/'([0-9a-f-]{36})'/, (quoted, id) => stands(id) ?? quoted)};`;
    return `${sql.replace(/\$(\d+)/g, (_, number) => expression(values.get(number), typed[number - 1], stands))};`;
  });
  const file = `${SCRATCH}/${name}.sql`;
  await writeFile(file, [...head, ...lines, ''].join('\n'), { mode: 0o644 });
  return file;
}

async function parameterTypes(statements) {
  const distinct = [...new Set(statements)].filter((sql) => sql.includes('$1'));
  const prepared = distinct.map((sql, n) => `prepare s${n} as ${sql};`).join('\n');
  const found = await psql(`${prepared}\nselect json_object_agg(name, parameter_types::text[]) from pg_prepared_statements;`);
  const types = JSON.parse(found);
  return new Map(distinct.map((sql, n) => [sql, types[`s${n}`]]));
}

function expression(value, type, stands) {
  if (value === null) return `null::${type}`;
  const whole = stands(value);
  if (whole) return `${whole}::${type}`;
  const pieces = value.split(/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/).filter(Boolean);
  if (!pieces.some(stands)) return `${literal(value)}::${type}`;
  return `concat(${pieces.map((piece) => stands(piece) ?? literal(piece)).join(', ')})::${type}`;
}

/** Without colons, after which pgbench would look for a variable. */
function literal(text) {
  return `U&'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll(':', '\\003A')}'`;
}

/** How many times a second pgbench gets through a script with `clients` at once. */
export async function pgbench(file, clients, seconds, variables = {}) {
  const set = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const { stdout } = await run(PGBENCH, [
    ...['-U', 'frontdesk_app', '-n', '-M', 'prepared', '-f', file],
    ...['-c', clients, '-j', Math.min(clients, 2), '-T', seconds, ...set, 'postgres'],
  ].map(String));
  const done = Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1]);
  const perSecond = Number(/tps = ([\d.]+) \(without/.exec(stdout)?.[1]);
  if (!(done > 0 && perSecond > 0)) throw new Error(`pgbench said:\n${stdout}`);
  return { done, perSecond };
}
