#include "sqlite_canon.h"

/*
 * Names and their quotes in the one form of a definition.
 */

MigBytes
sqlite_canon_unquote(const SqliteCanon *canon, MigBytes token)
{
    MigBytes name = {"", 0};
    char close;
    char *copy;

    if (token.length < 2 || strchr("\"'`[", token.data[0]) == NULL)
        return token;
    close = token.data[token.length - 1];
    token = mig_part(token, 1, token.length - 1);
    copy = mig_alloc(canon->arena, token.length + 1, canon->error);
    if (copy == NULL)
        return name;
    name.data = copy;
    for (size_t i = 0; i < token.length; i++)
    {
        copy[name.length++] = token.data[i];
        if (token.data[i] == close && i + 1 < token.length)
            i++;
    }
    return name;
}

bool
sqlite_canon_is_plain(MigBytes name)
{
    for (size_t i = 0; i < name.length; i++)
    {
        char c = name.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              (unsigned char) c >= 0x80 || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return name.length > 0;
}

void
sqlite_canon_folded(MigText *text, MigBytes bytes)
{
    char data[64];
    MigBytes piece = {data, 0};

    for (size_t i = 0; i < bytes.length; i++)
    {
        char c = bytes.data[i];

        if (c >= 'A' && c <= 'Z')
            c = (char) (c - 'A' + 'a');
        data[piece.length++] = c;
        if (piece.length < sizeof(data) && i + 1 < bytes.length)
            continue;
        mig_text_append(text, piece);
        piece.length = 0;
    }
}

void
sqlite_canon_quoted(MigText *text, MigBytes bytes, char quote, bool folded)
{
    MigBytes sign = {&quote, 1};
    size_t start = 0;

    mig_text_append(text, sign);
    for (size_t i = 0; i <= bytes.length; i++)
    {
        if (i < bytes.length && bytes.data[i] != quote)
            continue;
        if (folded)
            sqlite_canon_folded(text, mig_part(bytes, start, i));
        else
            mig_text_append(text, mig_part(bytes, start, i));
        if (i < bytes.length)
        {
            mig_text_append(text, sign);
            mig_text_append(text, sign);
        }
        start = i + 1;
    }
    mig_text_append(text, sign);
}

void
sqlite_canon_name(MigText *text, MigBytes name)
{
    if (sqlite_canon_is_plain(name))
        mig_text_append(text, name);
    else
        sqlite_canon_quoted(text, name, '"', false);
}
