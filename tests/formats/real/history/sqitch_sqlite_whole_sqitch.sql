PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE releases (
    version         FLOAT       PRIMARY KEY,
    installed_at    DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    installer_name  TEXT        NOT NULL,
    installer_email TEXT        NOT NULL
);
INSERT INTO releases VALUES(1.1000000000000000888,'2026-11-21 15:59:52.362','Bob Deployer','bob@example.org');
CREATE TABLE projects (
    project         TEXT        PRIMARY KEY,
    uri             TEXT            NULL UNIQUE,
    created_at      DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    creator_name    TEXT        NOT NULL,
    creator_email   TEXT        NOT NULL
);
INSERT INTO projects VALUES('shop','https://example.org/shop/','2026-11-21 15:59:52.364','Bob Deployer','bob@example.org');
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
INSERT INTO changes VALUES('b40da5b1b8f4993fddcb93f6528ecd26e82c8883','da91a2adfb802b0d311a2190ca1f68ecb1150afd','customers','shop','customers of a shop','2026-11-21 15:59:52.384','Bob Deployer','bob@example.org','2026-01-01 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('99df35c49afbd6dc73c6abcd93bc307462d4927c','b5bffa1f72f1d2f63353f13e1f100747f8ef2694','items','shop','items of a shop','2026-11-21 15:59:52.403','Bob Deployer','bob@example.org','2026-01-02 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('07841cec08db11f6899a8ec30e3b9d3271fbce1c','6db31fd71e289ba02a810c08d32b50b7445384a7','purchases','shop','purchases of a shop','2026-11-21 15:59:52.422','Bob Deployer','bob@example.org','2026-01-03 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('da3207f1de3a98d6e0d6360422b8bb0695407de6','9baa216d67873ed79c94dd7ac46209e2270d51d9','index_item','shop','index_item of a shop','2026-11-21 15:59:52.440','Bob Deployer','bob@example.org','2026-01-04 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('ce4629c8b71311294d4ce9745e2ba59baafbd0c0','72758b17a2a3389c4ff982c8616d3c4d8ab460d6','bought','shop','bought of a shop','2026-11-21 15:59:52.462','Bob Deployer','bob@example.org','2026-01-05 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('1e3f6a3f551a3d62877af92a6ec679dd395d986f','3908fc84f77415f410a21150513f4d90a48f9831','trim_name','shop','trim_name of a shop','2026-11-21 15:59:52.481','Bob Deployer','bob@example.org','2026-01-06 00:00:01','Ada Planner','ada@example.org');
INSERT INTO changes VALUES('d22b70798daf84600d588f183a51e39288eb3fda','feaffe4633d98d3a2c65a262847684bb3e23b104','bought','shop','the price too','2026-11-21 15:59:52.502','Bob Deployer','bob@example.org','2026-01-07 00:00:01','Ada Planner','ada@example.org');
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
INSERT INTO tags VALUES('4a75bb2f940a06cb768e4554f3614e5467315e71','@v1.0','shop','ce4629c8b71311294d4ce9745e2ba59baafbd0c0','the first release','2026-11-21 15:59:52.463','Bob Deployer','bob@example.org','2026-01-05 12:00:00','Ada Planner','ada@example.org');
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
INSERT INTO dependencies VALUES('da3207f1de3a98d6e0d6360422b8bb0695407de6','require','items','99df35c49afbd6dc73c6abcd93bc307462d4927c');
INSERT INTO dependencies VALUES('ce4629c8b71311294d4ce9745e2ba59baafbd0c0','require','purchases','07841cec08db11f6899a8ec30e3b9d3271fbce1c');
INSERT INTO dependencies VALUES('1e3f6a3f551a3d62877af92a6ec679dd395d986f','require','customers','b40da5b1b8f4993fddcb93f6528ecd26e82c8883');
INSERT INTO dependencies VALUES('d22b70798daf84600d588f183a51e39288eb3fda','require','bought@v1.0','ce4629c8b71311294d4ce9745e2ba59baafbd0c0');
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
INSERT INTO events VALUES('deploy','b40da5b1b8f4993fddcb93f6528ecd26e82c8883','customers','shop','customers of a shop','','','','2026-11-21 15:59:52.385','Bob Deployer','bob@example.org','2026-01-01 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','99df35c49afbd6dc73c6abcd93bc307462d4927c','items','shop','items of a shop','','','','2026-11-21 15:59:52.404','Bob Deployer','bob@example.org','2026-01-02 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','07841cec08db11f6899a8ec30e3b9d3271fbce1c','purchases','shop','purchases of a shop','customers,items','','','2026-11-21 15:59:52.423','Bob Deployer','bob@example.org','2026-01-03 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','da3207f1de3a98d6e0d6360422b8bb0695407de6','index_item','shop','index_item of a shop','items','','','2026-11-21 15:59:52.441','Bob Deployer','bob@example.org','2026-01-04 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','ce4629c8b71311294d4ce9745e2ba59baafbd0c0','bought','shop','bought of a shop','purchases','','@v1.0','2026-11-21 15:59:52.463','Bob Deployer','bob@example.org','2026-01-05 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','1e3f6a3f551a3d62877af92a6ec679dd395d986f','trim_name','shop','trim_name of a shop','customers','','','2026-11-21 15:59:52.482','Bob Deployer','bob@example.org','2026-01-06 00:00:01','Ada Planner','ada@example.org');
INSERT INTO events VALUES('deploy','d22b70798daf84600d588f183a51e39288eb3fda','bought','shop','the price too','bought@v1.0','','','2026-11-21 15:59:52.503','Bob Deployer','bob@example.org','2026-01-07 00:00:01','Ada Planner','ada@example.org');
COMMIT;
