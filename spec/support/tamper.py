"""tamper.py: changes a journal behind its back, for specs: tamper.py DATABASE WHAT [ARGUMENT]. The service must not run.
  flip N          flips a bit in the last byte of the Nth record
  clock N         the clock of the Nth record goes a millisecond on
  forge N         the same, and leaf, chain and all that follows are made to fit
  generation N    takes generation N away
  texts N         changes the rule texts of generation N
  age N           all blocks are N days older
  lock            keeps everybody else from writing until standard input ends; prints "locked"
"""
import hashlib
import sqlite3
import sys


def spans(records):
    """Begin and end of each record of a block."""
    found, at = [], 0
    while at < len(records):
        length = shift = 0
        while True:
            byte = records[at]
            length |= (byte & 0x7f) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                break
        found.append((at, at + length))
        at += length
    return found


def place_of(db, wanted):
    """Block, place and content of the record with a number from 1."""
    for number, salts, records, leaves in db.execute('SELECT * FROM block_bytes ORDER BY number'):
        places = spans(records)
        if wanted <= len(places):
            return number, wanted - 1, bytearray(salts), bytearray(records), bytearray(leaves)
        wanted -= len(places)
    sys.exit('no such record')


def clock_of(records, begin):
    at = begin + 17  # behind id and version
    while records[at] >= 0x80:
        at += 1
    return at + 1


def put(db, number, records):
    db.execute('UPDATE block_bytes SET records = ? WHERE number = ?', (bytes(records), number))


def forge(db, number, place, salts, records, leaves):
    begin, end = spans(records)[place]
    leaf = hashlib.sha256(bytes(salts[place * 16:place * 16 + 16] + records[begin:end])).digest()
    leaves[place * 32:place * 32 + 32] = leaf
    db.execute('UPDATE block_bytes SET leaves = ? WHERE number = ?', (bytes(leaves), number))
    chain = db.execute('SELECT anchor_chain FROM state').fetchone()[0]
    for block, found in db.execute('SELECT number, leaves FROM block_bytes ORDER BY number').fetchall():
        chain = hashlib.sha256(chain + found).digest()
        db.execute('UPDATE block SET chain = ? WHERE number = ?', (chain, block))
    db.execute('UPDATE state SET chain = ?', (chain,))


def main(path, what, argument='1'):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('BEGIN IMMEDIATE')
    if what in ('flip', 'clock', 'forge'):
        number, place, salts, records, leaves = place_of(db, int(argument))
        begin, end = spans(records)[place]
        if what == 'flip':
            records[end - 1] ^= 1
        else:
            records[clock_of(records, begin)] ^= 2
        put(db, number, records)
        if what == 'forge':
            forge(db, number, place, salts, records, leaves)
    elif what == 'generation':
        db.execute('DELETE FROM generation WHERE number = ?', (argument,))
    elif what == 'texts':
        db.execute('UPDATE texts SET bytes = CAST(bytes || ? AS BLOB) WHERE number = '
                   '(SELECT texts FROM generation WHERE number = ?)', (b' ', argument))
    elif what == 'age':
        db.execute('UPDATE block SET from_ms = from_ms - ?1 * 86400000, until_ms = until_ms - ?1 * 86400000', (argument,))
    elif what == 'lock':
        print('locked', flush=True)
        sys.stdin.read()
    db.execute('COMMIT')
    db.close()


main(*sys.argv[1:])
