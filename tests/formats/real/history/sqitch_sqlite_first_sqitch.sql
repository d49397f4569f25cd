PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE releases (
    version         FLOAT       PRIMARY KEY,
    installed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    installer_name  TEXT        NOT NULL,
    installer_email TEXT        NOT NULL
);
INSERT INTO releases VALUES(1.1000000000000000888,'2026-11-21 15:59:53.092','Bob Deployer','bob@example.org');
CREATE TABLE projects (
    project         TEXT        PRIMARY KEY,
    uri             TEXT            NULL UNIQUE,
    created_at      DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    creator_name    TEXT        NOT NULL,
    creator_email   TEXT        NOT NULL
);
INSERT INTO projects VALUES('shop','https://example.org/shop/','2026-11-21 15:59:53.096','Bob Deployer','bob@example.org');
CREATE TABLE changes (
    change_id       TEXT        PRIMARY KEY,
    script_hash     TEXT            NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, script_hash)
);
INSERT INTO changes VALUES('b40da5b1b8f4993fddcb93f6528ecd26e82c8883','da91a2adfb802b0d311a2190ca1f68ecb1150afd','customers','shop','customers of a shop','2026-11-21 15:59:53.130','Bob Deployer','bob@example.org','2026-01-01 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('99df35c49afbd6dc73c6abcd93bc307462d4927c','b5bffa1f72f1d2f63353f13e1f100747f8ef2694','items','shop','items of a shop','2026-11-21 15:59:53.165','Bob Deployer','bob@example.org','2026-01-02 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('07841cec08db11f6899a8ec30e3b9d3271fbce1c','6db31fd71e289ba02a810c08d32b50b7445384a7','purchases','shop','purchases of a shop','2026-11-21 15:59:53.207','Bob Deployer','bob@example.org','2026-01-03 00:00:01','Ada Planner','ada@example.org');
CREATE TABLE tags (
    tag_id          TEXT        PRIMARY KEY,
    tag             TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    change_id       TEXT        NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    UNIQUE(project, tag)
);
CREATE TABLE dependencies (
    change_id       TEXT        NOT NULL REFERENCES changes(change_id) ON UPDATE CASCADE ON DELETE CASCADE,
    type            TEXT        NOT NULL,
    dependency      TEXT        NOT NULL,
    dependency_id   TEXT            NULL REFERENCES changes(change_id) ON UPDATE CASCADE
                                         CONSTRAINT dependencies_check CHECK (
            (type = 'require'  AND dependency_id IS NOT NULL)
         OR (type = 'conflict' AND dependency_id IS NULL)
    ),
    PRIMARY KEY (change_id, dependency)
);
INSERT INTO dependencies VALUES('07841cec08db11f6899a8ec30e3b9d3271fbce1c','require','customers','b40da5b1b8f4993fddcb93f6528ecd26e82c8883');
INSERT INTO dependencies VALUES('07841cec08db11f6899a8ec30e3b9d3271fbce1c','require','items','99df35c49afbd6dc73c6abcd93bc307462d4927c');
CREATE TABLE events (
    event           TEXT        NOT NULL CONSTRAINT events_event_check CHECK (
        event IN ('deploy', 'revert', 'fail', 'merge')
    ),
    change_id       TEXT        NOT NULL,
    change          TEXT        NOT NULL,
    project         TEXT        NOT NULL REFERENCES projects(project) ON UPDATE CASCADE,
    note            TEXT        NOT NULL DEFAULT '',
    requires        TEXT        NOT NULL DEFAULT '',
    conflicts       TEXT        NOT NULL DEFAULT '',
    tags            TEXT        NOT NULL DEFAULT '',
    committed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name  TEXT        NOT NULL,
    committer_email TEXT        NOT NULL,
    planned_at      DATETIME    NOT NULL,
    planner_name    TEXT        NOT NULL,
    planner_email   TEXT        NOT NULL,
    PRIMARY KEY (change_id, committed_at)
);
INSERT INTO events VALUES('deploy','b40da5b1b8f4993fddcb93f6528ecd26e82c8883','customers','shop','customers of a shop','','','','2026-11-21 15:59:53.131','Bob Deployer','bob@example.org','2026-01-01 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','99df35c49afbd6dc73c6abcd93bc307462d4927c','items','shop','items of a shop','','','','2026-11-21 15:59:53.166','Bob Deployer','bob@example.org','2026-01-02 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','07841cec08db11f6899a8ec30e3b9d3271fbce1c','purchases','shop','purchases of a shop','customers,items','','','2026-11-21 15:59:53.208','Bob Deployer','bob@example.org','2026-01-03 00:00:01','Ada Planner','ada@example.org');
COMMIT;
