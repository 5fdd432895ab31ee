# SPDX-License-Identifier: MIT
"""Triggers that add up the ledger by themselves at every statement of every process, so no commit escapes them.

Each row of `audit` is one budget: its `most` is what it ever held. `audit_left` counts how often each reservation was left.
"""

AUDIT = """
CREATE TABLE audit (scope TEXT, name TEXT, cap INTEGER, total INTEGER DEFAULT 0, most INTEGER DEFAULT 0);
CREATE TABLE audit_left (attempt INTEGER PRIMARY KEY, times INTEGER);
CREATE TABLE audit_wrong (what TEXT);
CREATE TRIGGER audit_insert AFTER INSERT ON ledger BEGIN
  UPDATE audit SET total = total + NEW.amount_micros
    WHERE scope = 'all' OR (scope = 'provider' AND name = NEW.provider) OR (scope = 'principal' AND name = NEW.principal);
  UPDATE audit SET most = total WHERE total > most;
  INSERT INTO audit_wrong SELECT 'begins in state ' || NEW.state WHERE NEW.state <> 1;
END;
CREATE TRIGGER audit_update AFTER UPDATE ON ledger BEGIN
  UPDATE audit SET total = total + NEW.amount_micros - OLD.amount_micros
    WHERE scope = 'all' OR (scope = 'provider' AND name = NEW.provider) OR (scope = 'principal' AND name = NEW.principal);
  UPDATE audit SET most = total WHERE total > most;
  INSERT INTO audit_wrong SELECT 'reserved again: ' || NEW.attempt WHERE NEW.state = 1 AND OLD.state <> 1;
  INSERT INTO audit_left SELECT NEW.attempt, 1 WHERE OLD.state = 1 AND NEW.state <> 1
    ON CONFLICT (attempt) DO UPDATE SET times = times + 1;
END;
CREATE TRIGGER audit_delete AFTER DELETE ON ledger BEGIN INSERT INTO audit_wrong VALUES ('a ledger row went'); END;
"""
