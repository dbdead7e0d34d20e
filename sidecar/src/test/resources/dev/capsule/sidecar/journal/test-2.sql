ALTER TABLE capsule_workflows ADD COLUMN added TEXT NOT NULL DEFAULT '; no end';
CREATE INDEX by_added ON capsule_workflows (added);
