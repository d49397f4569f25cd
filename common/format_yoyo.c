#include <stdlib.h>

#include "mig_source.h"
#include "mig_version.h"

/*
 * yoyo: <id>.sql, whatever the id, perhaps with <id>.rollback.sql; programs end
 * with .py.  The comments that a file begins with may hold (its migrations.py,
 * parse_metadata_from_sql_comments())
 *
 *     -- depends: id id        several lines add up
 *     -- transactional: false
 *
 * Order is by these dependencies: whatever is ready and stands first in the
 * order of names comes next.  post-apply*.sql runs after each apply there, and
 * is passed over.  The version is the id, with '_' for blanks.
 */

#define ROLLBACK ".rollback.sql"

static bool
yoyo_match(MigBytes path, MigFileName *name)
{
    bool program = mig_ends_with(path, ".py");
    size_t end = program ? strlen(".py") : strlen(".sql");

    if ((!program && !mig_is_sql_path(path)) || path.length <= end ||
        memchr(path.data, '/', path.length) != NULL ||
        mig_bytes_equal(path, mig_bytes("__init__.py")))
        return false;
    name->role = program ? MIG_FILE_FOREIGN : MIG_FILE_UP;
    if (mig_starts_with(path, "post-apply"))
    {
        name->role = MIG_FILE_NONE;
        name->note = "yoyo runs it after each apply; here nothing does";
        return true;
    }
    if (mig_ends_with(path, ROLLBACK) && path.length > strlen(ROLLBACK))
    {
        name->role = MIG_FILE_DOWN;
        end = strlen(ROLLBACK);
    }
    name->version = mig_part(path, 0, path.length - end);
    name->name = name->version;
    return true;
}

static bool
yoyo_is_sign(MigBytes path)
{
    return mig_ends_with(path, ROLLBACK) || mig_ends_with(path, "/yoyo.ini") ||
           mig_bytes_equal(path, mig_bytes("yoyo.ini"));
}

/*
 * The value of a line "-- key: value".
 *
 * Returns absent bytes when the line does not say that.
 */
static MigBytes
value_of(MigBytes line, const char *key)
{
    MigBytes absent = {NULL, 0};
    MigBytes rest = mig_trim(line);

    if (!mig_starts_with(rest, "--"))
        return absent;
    rest = mig_trim(mig_part(rest, 2, rest.length));
    if (!mig_starts_with(rest, key))
        return absent;
    rest = mig_trim(mig_part(rest, strlen(key), rest.length));
    if (!mig_starts_with(rest, ":"))
        return absent;
    return mig_trim(mig_part(rest, 1, rest.length));
}

static bool
yoyo_is_mark(MigBytes line)
{
    return value_of(line, "depends").data != NULL ||
           value_of(line, "transactional").data != NULL;
}

/* Versions are told apart byte by byte; run order comes later. */
static void
yoyo_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};

    name->version = mig_version_from_name(mig, name->version);
    mig_text_append_string(&text, MIG_POSITION_VERSION);
    mig_text_append(&text, name->version);
    *position = mig_text_bytes(&text);
}

/* Take the ids of a depends line. */
static void
add_requirements(Mig *mig, MigMigration *migration, MigBytes ids, int64_t line)
{
    MigBytes id;
    size_t at = 0;

    if (migration->requires_line == 0)
        migration->requires_line = line;
    while (mig_ok(mig) && mig_next_word(ids, &at, " \t", &id))
    {
        if (mig_version_check(id, mig->error) == MIG_OK)
            mig_lines_add(mig->arena, mig->error, &migration->requires, id);
        else
            mig_fail_prefix(mig->error, "line %lld: ", (long long) line);
    }
}

/* Take what a line says of transactions. */
static void
read_transactional(Mig *mig, MigMigration *migration, MigBytes value,
                   int64_t line)
{
    bool none = mig_same_letters(value, mig_bytes("false"));

    if (!none && !mig_same_letters(value, mig_bytes("true")))
        (void) mig_fail(mig->error, MIG_INVALID,
                        "line %lld: transactional is true or false, not "
                        "\"%.*s\"",
                        (long long) line, (int) mig_cut(value, 80).length,
                        value.data);
    else if (none && mig_option(migration->options, "transaction").data == NULL)
        mig_option_add(mig, migration, "transaction", mig_bytes("false"));
}

/* Read the comments that a file begins with. */
static void
read_header(Mig *mig, const MigFile *file, MigMigration *migration)
{
    size_t at = file->start;
    int64_t number = 0;
    MigBytes line;

    while (mig_ok(mig) && mig_next_line(file->text, &at, &line))
    {
        MigBytes ids = value_of(line, "depends");
        MigBytes transactional = value_of(line, "transactional");

        number++;
        line = mig_trim(line);
        if (line.length > 0 && !mig_starts_with(line, "--"))
            return;
        if (ids.data != NULL)
            add_requirements(mig, migration, ids, number);
        if (transactional.data != NULL)
            read_transactional(mig, migration, transactional, number);
    }
}

static void
yoyo_read(Mig *mig, const MigFile *file, const MigFileName *name,
          MigMigration *migration)
{
    if (name->role == MIG_FILE_UP)
        read_header(mig, file, migration);
    mig_read_direction(mig, file, name, migration);
}

/* A migration, found by its version. */
typedef struct Node
{
    MigMigration *migration;
    size_t waiting; /* requirements that are not placed yet */
    size_t first;   /* edge to one that waits for it, + 1; 0: none */
} Node;

typedef struct Edge
{
    size_t node;
    size_t next; /* edge + 1 */
} Edge;

/* What is to be ordered. */
typedef struct Graph
{
    Mig *mig;
    const MigSource *source;
    Node *nodes; /* in the order of names, which is that of versions */
    size_t count;
    Edge *edges;
    size_t edge_count;
    size_t edge_capacity;
    size_t *ready; /* a heap: the first in order of names on top */
    size_t ready_count;
} Graph;

static int
compare_nodes(const void *a, const void *b)
{
    return mig_position_compare(((const Node *) a)->migration->version,
                                ((const Node *) b)->migration->version);
}

/* The node of a version, or NULL. */
static Node *
find_node(const Graph *graph, MigBytes version)
{
    MigMigration wanted = {.version = version};
    Node key = {&wanted, 0, 0};

    return bsearch(&key, graph->nodes, graph->count, sizeof(Node),
                   compare_nodes);
}

/* Whether the directory has a program of an id, which was passed over. */
static bool
is_program(const Graph *graph, MigBytes version)
{
    const MigListing *listing = graph->source->listing;

    for (size_t i = 0; listing != NULL && i < listing->count; i++)
    {
        const MigFileName *name = &listing->files[i].name;

        if (name->role == MIG_FILE_FOREIGN &&
            mig_bytes_equal(name->version, version))
            return true;
    }
    return false;
}

/* Note that one migration waits for another. */
static void
add_edge(Graph *graph, Node *node, MigBytes version)
{
    Mig *mig = graph->mig;
    const MigMigration *migration = node->migration;
    Node *required = find_node(graph, version);
    Edge *edges;

    if (required == NULL && graph->source->is_directory && !graph->source->look)
    {
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" line %lld: it depends on \"%.*s\", which is "
                        "not in the directory",
                        (int) migration->file.length, migration->file.data,
                        (long long) migration->requires_line,
                        (int) version.length, version.data);
        mig_fail_hint(mig->error, "An id is a file's name without .sql.");
    }
    if (required == NULL || !mig_ok(mig))
        return;
    edges = mig_array_reserve(mig->arena, graph->edges, graph->edge_count,
                              &graph->edge_capacity, sizeof(Edge), mig->error);
    if (edges == NULL)
        return;
    graph->edges = edges;
    edges[graph->edge_count].node = (size_t) (node - graph->nodes);
    edges[graph->edge_count].next = required->first;
    required->first = ++graph->edge_count;
    node->waiting++;
}

/* Note what one migration waits for.  A program that is passed over cannot be
 * required. */
static void
add_edges(Graph *graph, Node *node)
{
    Mig *mig = graph->mig;
    MigBytes kept = mig_bytes("");
    MigBytes id;
    size_t at = 0;

    while (mig_ok(mig) &&
           mig_next_word(node->migration->requires, &at, "\n", &id))
    {
        if (is_program(graph, id))
            continue;
        mig_lines_add(mig->arena, mig->error, &kept, id);
        add_edge(graph, node, id);
    }
    node->migration->requires = kept;
}

/* Put a node that waits for nothing any more into the heap. */
static void
push_ready(Graph *graph, size_t node)
{
    size_t at = graph->ready_count++;

    while (at > 0 && graph->ready[(at - 1) / 2] > node)
    {
        graph->ready[at] = graph->ready[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    graph->ready[at] = node;
}

/* Take the first node out of the heap. */
static size_t
pop_ready(Graph *graph)
{
    size_t top = graph->ready[0];
    size_t last = graph->ready[--graph->ready_count];
    size_t at = 0;

    for (;;)
    {
        size_t child = 2 * at + 1;

        if (child + 1 < graph->ready_count &&
            graph->ready[child + 1] < graph->ready[child])
            child++;
        if (child >= graph->ready_count || graph->ready[child] >= last)
            break;
        graph->ready[at] = graph->ready[child];
        at = child;
    }
    graph->ready[at] = last;
    return top;
}

/* Let those wait no more that an edge, and those behind it, lead to. */
static void
release_waiting(Graph *graph, size_t edge)
{
    while (edge != 0 && graph->edges != NULL)
    {
        const Edge *found = &graph->edges[edge - 1];

        if (--graph->nodes[found->node].waiting == 0)
            push_ready(graph, found->node);
        edge = found->next;
    }
}

/* Make the graph of a source's migrations; returns whether that went well. */
static bool
make_graph(Mig *mig, MigSource *source, Graph *graph)
{
    memset(graph, 0, sizeof(*graph));
    graph->mig = mig;
    graph->source = source;
    graph->count = source->count;
    graph->nodes =
        mig_alloc_array(mig->arena, source->count, sizeof(Node), mig->error);
    graph->ready =
        mig_alloc_array(mig->arena, source->count, sizeof(size_t), mig->error);
    if (graph->nodes == NULL || graph->ready == NULL)
        return false;
    for (size_t i = 0; i < source->count; i++)
        graph->nodes[i].migration = &source->migrations[i];
    if (source->count > 1)
        qsort(graph->nodes, graph->count, sizeof(Node), compare_nodes);
    for (size_t i = 0; i < graph->count && mig_ok(mig); i++)
        add_edges(graph, &graph->nodes[i]);
    return mig_ok(mig);
}

/* Order the migrations as yoyo does; a circle is left for the source to find.
 */
static void
yoyo_finish(Mig *mig, MigSource *source)
{
    Graph graph;
    MigMigration *ordered;
    size_t placed = 0;

    if (!make_graph(mig, source, &graph))
        return;
    ordered = mig_alloc_array(mig->arena, source->count, sizeof(MigMigration),
                              mig->error);
    if (ordered == NULL)
        return;
    for (size_t i = 0; i < graph.count; i++)
    {
        if (graph.nodes[i].waiting == 0)
            push_ready(&graph, i);
    }
    while (graph.ready_count > 0)
    {
        size_t top = pop_ready(&graph);

        ordered[placed++] = *graph.nodes[top].migration;
        release_waiting(&graph, graph.nodes[top].first);
    }
    if (placed > 0 && placed == source->count)
        memcpy(source->migrations, ordered, placed * sizeof(MigMigration));
    mig_source_order(mig, source);
}

const MigFormat mig_format_yoyo = {
    .name = "yoyo",
    .order = MIG_ORDER_FREE,
    .match = yoyo_match,
    .is_sign = yoyo_is_sign,
    .is_mark = yoyo_is_mark,
    .identify = yoyo_identify,
    .read = yoyo_read,
    .finish = yoyo_finish,
};
