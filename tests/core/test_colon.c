#include "fake_host.h"

#include <stdio.h>

#include "mig_colon.h"
#include "mig_setting.h"

/* graphile-migrate's placeholders. */

/* Texts, and what becomes of them; var.APP_USER is "app". */
static const struct
{
    const char *text;
    const char *expanded;
} texts[] = {
    {"GRANT :APP_USER;", "GRANT app;"},
    {":APP_USER", "app"},
    {"':APP_USER':APP_USER", "'app'app"},
    {":APP_USERS :APP_USER2 :APP_USER_ :APP_USERs", NULL},
    {":app_user :App_user :", NULL},
    {"::APP_USER", ":app"},
    {"a::TEXT b[1:N] :OTHER", NULL},
    {":APP_USER\xC3\xBC", "app\xC3\xBC"},
    {"ALTER DATABASE :DATABASE_NAME OWNER TO :DATABASE_OWNER;",
     "ALTER DATABASE shop OWNER TO olga;"},
    {"", NULL},
};

static MigBytes
expand(FakeHost *fake, const char *text)
{
    MigExpansion expansion = {.style = mig_bytes(MIG_VARIABLES_GRAPHILE)};

    return mig_expand(&fake->mig, &fake->arena, mig_bytes(text), &expansion);
}

static void
set_variable(FakeHost *fake)
{
    fake_set(fake, "var.APP_USER", "app");
    fake_read_settings(fake);
}

static void
values_are_put_in(void **state)
{
    FakeHost *fake = *state;

    set_variable(fake);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
    {
        const char *expected =
            texts[i].expanded == NULL ? texts[i].text : texts[i].expanded;

        fake_expect_bytes(expand(fake, texts[i].text), expected);
        fake_expect_ok(fake);
    }
}

static void
mentions_are_found(void **state)
{
    (void) state;
    assert_true(mig_colon_mentions(mig_bytes("a :AB")));
    assert_true(mig_colon_mentions(mig_bytes("::A1")));
    assert_false(mig_colon_mentions(mig_bytes(":A :a :1 ::b ${AB} :")));
    assert_false(mig_colon_mentions(mig_bytes(":ABc")));
    assert_false(mig_colon_mentions(mig_bytes("")));
}

static const char *fact_value;

/* Say of everything the same. */
static bool
one_fact(MigHost *host, MigFact fact, char *text, size_t size, MigError *error)
{
    (void) host;
    (void) fact;
    (void) error;
    (void) snprintf(text, size, "%s", fact_value);
    return text[0] != '\0';
}

/* Names that would end a statement, or be two words, are not put in. */
static void
names_must_be_plain(void **state)
{
    static const char *const plain[] = {"shop", "Shop_2", "my-shop.eu"};
    static const char *const others[] = {"a b", "a;b",  "a\"b",
                                         "a'b", "a\nb", "gr\xC3\xBCn"};
    FakeHost *fake = *state;
    const MigHostMethods *before = fake->host.methods;
    MigHostMethods methods = *before;

    fake_read_settings(fake);
    methods.fact = one_fact;
    fake->host.methods = &methods;
    for (size_t i = 0; i < COUNT_OF(plain); i++)
    {
        fact_value = plain[i];
        fake_expect_bytes(expand(fake, ":DATABASE_NAME"), plain[i]);
        fake_expect_ok(fake);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++)
    {
        fact_value = others[i];
        (void) expand(fake, ":DATABASE_OWNER");
        fake_expect(fake, MIG_INVALID,
                    "placeholder \":DATABASE_OWNER\" has a value that holds",
                    "migrate_config('var.DATABASE_OWNER', (SELECT "
                    "pg_get_userbyid(datdba)");
        mig_error_clear(&fake->error);
    }
    fact_value = "";
    (void) expand(fake, ":DATABASE_NAME");
    fake_expect(fake, MIG_INVALID,
                "placeholder \":DATABASE_NAME\" has no value here",
                "migrate_config('var.DATABASE_NAME', current_database())");
    fake->host.methods = before;
}

static void
use_variables(FakeHost *fake)
{
    fake_read_settings(fake);
    if (mig_ok(&fake->mig))
        (void) expand(fake, ":APP_USER and :DATABASE_NAME");
}

static void
memory_may_be_short(void **state)
{
    (void) state;
    fake_refuse_each(set_variable, use_variables);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        fake_test(values_are_put_in),
        fake_test(mentions_are_found),
        fake_test(names_must_be_plain),
        fake_test(memory_may_be_short),
    };

    return cmocka_run_group_tests_name("colon", tests, NULL, NULL);
}
