#include "pg_migrate.h"

#include "catalog/pg_type_d.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* A value of bytes that a varlena holds. */
static MigValue
value_from_varlena(Datum datum, MigType type)
{
    struct varlena *bytes = PG_DETOAST_DATUM_PACKED(datum);
    MigValue value = mig_null();

    value.type = type;
    value.bytes.data = VARDATA_ANY(bytes);
    value.bytes.length = VARSIZE_ANY_EXHDR(bytes);
    return value;
}

MigValue
pg_value_from_datum(Datum datum, Oid type)
{
    switch (type)
    {
        case BOOLOID:
            return mig_boolean(DatumGetBool(datum));
        case INT2OID:
            return mig_integer(DatumGetInt16(datum));
        case INT4OID:
            return mig_integer(DatumGetInt32(datum));
        case INT8OID:
            return mig_integer(DatumGetInt64(datum));
        case FLOAT8OID:
            return mig_float(DatumGetFloat8(datum));
        case TIMESTAMPTZOID:
            return mig_time(DatumGetTimestampTz(datum) + PG_EPOCH_SHIFT);
        case BYTEAOID:
            return value_from_varlena(datum, MIG_BYTES);
        case TEXTOID:
        case VARCHAROID:
            return value_from_varlena(datum, MIG_TEXT);
        default:
            /* A domain's values are those of what it is made of. */
            if (getBaseType(type) != type)
                return pg_value_from_datum(datum, getBaseType(type));
            elog(ERROR, "cannot read a value of type %u", type);
    }
    return mig_null(); /* not reached */
}

/* A varlena of a value's bytes. */
static Datum
value_to_varlena(const MigValue *value)
{
    return PointerGetDatum(
        cstring_to_text_with_len(value->bytes.data, (int) value->bytes.length));
}

/* Whether a datum of a type can hold a value. */
static bool
value_fits(const MigValue *value, Oid type)
{
    switch (type)
    {
        case BOOLOID:
            return value->type == MIG_BOOLEAN || value->type == MIG_INTEGER;
        case INT4OID:
            return value->type == MIG_INTEGER &&
                   value->integer >= PG_INT32_MIN &&
                   value->integer <= PG_INT32_MAX;
        case INT8OID:
            return value->type == MIG_INTEGER || value->type == MIG_TIME ||
                   value->type == MIG_BOOLEAN;
        case FLOAT8OID:
            return value->type == MIG_FLOAT;
        case TIMESTAMPTZOID:
            return value->type == MIG_TIME;
        case TEXTOID:
            return value->type == MIG_TEXT &&
                   value->bytes.length < MaxAllocSize - VARHDRSZ;
        case BYTEAOID:
            return (value->type == MIG_BYTES || value->type == MIG_TEXT) &&
                   value->bytes.length < MaxAllocSize - VARHDRSZ;
        default:
            return false;
    }
}

Datum
pg_value_to_datum(const MigValue *value, Oid type, bool *is_null)
{
    *is_null = value->type == MIG_NULL;
    if (*is_null)
        return (Datum) 0;
    if (!value_fits(value, type))
        elog(ERROR, "a value of kind %d cannot become one of type %u",
             (int) value->type, type);
    switch (type)
    {
        case BOOLOID:
            return BoolGetDatum(value->integer != 0);
        case INT4OID:
            return Int32GetDatum((int32) value->integer);
        case INT8OID:
            return Int64GetDatum(value->integer);
        case FLOAT8OID:
            return Float8GetDatum(value->real);
        case TIMESTAMPTZOID:
            return TimestampTzGetDatum(value->integer - PG_EPOCH_SHIFT);
        default:
            return value_to_varlena(value);
    }
}
