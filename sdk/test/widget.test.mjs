import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { isSlug } = await load('script');
const { inkOn } = await load('colour');
const { wordsFor } = await load('words');

test('a slug can stand in an address as it is', () => {
  for (const slug of ['bloom', 'a', 'north-side-2']) assert.ok(isSlug(slug), slug);
  for (const slug of ['', 'Bloom', '../c', 'a b', '-a', 'a-', 'a/b', 'a'.repeat(65), 'bloom\n']) assert.ok(!isSlug(slug), slug);
});

test('the label can be read on any accent', () => {
  assert.equal(inkOn('#0f6e66'), '#ffffff');
  assert.equal(inkOn('#ffd84d'), '#14201f');
  for (const accent of ['#000000', '#ffffff', '#777777', '#3b82f6', '#d97706']) assert.ok(contrast(inkOn(accent), accent) >= 4, accent);
});

test('a Spanish page is spoken to in Spanish', () => {
  assert.equal(wordsFor('es-MX').close, 'Cerrar el chat');
  assert.equal(wordsFor('est').lang, 'en');
  assert.equal(wordsFor('').unread(1), '1 unread message');
});

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.match(/\w\w/g).map((hex) => {
    const part = parseInt(hex, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
