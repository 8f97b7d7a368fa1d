import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { readFrameMessage, readHostMessage } = await load('protocol');

const STRANGERS = [undefined, null, 0, 'ready', [], {}, { type: 'ready' }, { frontdesk: 2, type: 'ready' }, { frontdesk: '1', type: 'open' }];

test('what others post is not ours', () => {
  for (const value of STRANGERS) {
    assert.equal(readFrameMessage(value), undefined);
    assert.equal(readHostMessage(value), undefined);
  }
});

test('ready and close need nothing more', () => {
  assert.deepEqual(readFrameMessage({ frontdesk: 1, type: 'ready' }), { frontdesk: 1, type: 'ready' });
  assert.deepEqual(readFrameMessage({ frontdesk: 1, type: 'close' }), { frontdesk: 1, type: 'close' });
});

test('only known fields get through', () => {
  assert.deepEqual(readFrameMessage({ frontdesk: 1, type: 'ready', extra: 'x' }), { frontdesk: 1, type: 'ready' });
});

test('unread is a whole number of messages', () => {
  assert.deepEqual(readFrameMessage({ frontdesk: 1, type: 'unread', count: 3 }), { frontdesk: 1, type: 'unread', count: 3 });
  for (const count of [-1, 1.5, NaN, Infinity, '3', null, undefined]) {
    assert.equal(readFrameMessage({ frontdesk: 1, type: 'unread', count }), undefined);
  }
});

test('an accent is six hex digits and nothing else', () => {
  assert.deepEqual(readFrameMessage({ frontdesk: 1, type: 'theme', accent: '#0F6e66' }), { frontdesk: 1, type: 'theme', accent: '#0F6e66' });
  for (const accent of ['#fff', 'red', '#0f6e66;color:red', '#0f6e66\n', '#0f6e6g', ' #0f6e66', ['#0f6e66'], undefined]) {
    assert.equal(readFrameMessage({ frontdesk: 1, type: 'theme', accent }), undefined);
  }
});

test('a frame does not take the words of a frame for those of a page', () => {
  assert.equal(readHostMessage({ frontdesk: 1, type: 'ready' }), undefined);
  assert.equal(readFrameMessage({ frontdesk: 1, type: 'open' }), undefined);
});

test('hello may carry the title of the page', () => {
  assert.deepEqual(readHostMessage({ frontdesk: 1, type: 'hello' }), { frontdesk: 1, type: 'hello' });
  assert.deepEqual(readHostMessage({ frontdesk: 1, type: 'hello', page_title: 'Prices' }), { frontdesk: 1, type: 'hello', page_title: 'Prices' });
  assert.equal(readHostMessage({ frontdesk: 1, type: 'hello', page_title: 7 }), undefined);
});
