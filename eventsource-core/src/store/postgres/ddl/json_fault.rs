//! Function that finds what no reader could read in a JSON value.

use crate::payload::limits::MAX_PAYLOAD_DEPTH;
use crate::store::contract::names::Names;

/// Name of the function.
pub(crate) const JSON_FAULT: &str = "eventsource_json_fault";

/// Returns the SQL that creates the function, which only the owner may call.
///
/// The function returns what is wrong with a value, to stand after its name in a message, or NULL: a key twice
/// in one object, of which readers would see one; the character U+0000, which no text of the database
/// has; half a surrogate pair; a number that is too large for a 64-bit float; a key that the JSON
/// library of this program gives a meaning of its own; or more nesting than readers accept. Malformed
/// JSON is an error already when it is cast.
///
/// Literals with a backslash are `E` literals, which no setting of the caller changes. Most values
/// are flat, and are spared the query that goes into all depths.
pub(crate) fn create(names: &Names) -> String {
    format!(
        r#"
CREATE OR REPLACE FUNCTION {function}(value json) RETURNS text LANGUAGE plpgsql
IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Without escaped backslashes: a backslash begins another escape.
    written text := replace(value::text, E'\\\\', '__');
    number record;
    digits integer;
    fault text;
BEGIN
    IF strpos(written, E'\\u') > 0 THEN
        IF strpos(written, E'\\u0000') > 0 THEN
            RETURN 'contains the character U+0000';
        END IF;
        IF regexp_replace(written, E'\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..', '', 'g') ~ E'\\\\u[dD][89a-fA-F]' THEN
            RETURN 'contains half of a surrogate pair';
        END IF;
    END IF;
    -- Many digits, or an exponent of three.
    IF written ~ '[0-9]{{200}}|[eE][+]?0*[1-9][0-9]{{2}}' THEN
        FOR number IN
            SELECT part[1] AS whole, coalesce(left(part[2], 400), '') AS fraction, ltrim(part[3], '+0') AS exponent
            FROM regexp_matches(regexp_replace(written, E'"([^"\\\\]|\\\\.)*"', '""', 'g'),
                '([0-9]+)([.][0-9]+)?(?:[eE]([+-]?[0-9]+))?', 'g') AS part
        LOOP
            IF length(number.exponent) > 9 THEN
                CONTINUE WHEN number.exponent LIKE '-%';
                RETURN 'has a number that is too large';
            END IF;
            digits := length(number.whole) + coalesce(nullif(number.exponent, ''), '0')::integer;
            IF digits > 309 OR digits = 309
                AND (number.whole || number.fraction || 'e' || coalesce(nullif(number.exponent, ''), '0'))::numeric
                    > 1.797693134862315807e308
            THEN
                RETURN 'has a number that is too large';
            END IF;
        END LOOP;
    END IF;
    IF written ~ '[[{{][^[{{]*[[{{]' THEN
        WITH RECURSIVE nested (value, depth) AS (
            SELECT value, 1
            UNION ALL
            SELECT part.value, depth + 1
            FROM nested, LATERAL (
                SELECT field.value FROM json_each(
                    CASE json_typeof(nested.value) WHEN 'object' THEN nested.value ELSE '{{}}' END) AS field
                UNION ALL
                SELECT element.value FROM json_array_elements(
                    CASE json_typeof(nested.value) WHEN 'array' THEN nested.value ELSE '[]' END) AS element
            ) AS part
            WHERE depth <= {MAX_PAYLOAD_DEPTH} AND json_typeof(part.value) IN ('object', 'array')
        )
        SELECT CASE WHEN depth > {MAX_PAYLOAD_DEPTH} THEN 'is nested deeper than {MAX_PAYLOAD_DEPTH} levels' ELSE wrong.fault END
        INTO fault
        FROM nested LEFT JOIN LATERAL ({of_keys_of_nested}) AS wrong ON true
        WHERE depth > {MAX_PAYLOAD_DEPTH} OR wrong.fault IS NOT NULL LIMIT 1;
    ELSIF json_typeof(value) = 'object' THEN
        fault := ({of_keys});
    END IF;
    RETURN fault;
END $$;
REVOKE ALL ON FUNCTION {function}(json) FROM PUBLIC;
"#,
        function = names.shared(JSON_FAULT),
        of_keys = of_keys("value"),
        of_keys_of_nested =
            of_keys("CASE json_typeof(nested.value) WHEN 'object' THEN nested.value ELSE '{}' END"),
    )
}

/// Returns the query of what is wrong with the keys of an object.
fn of_keys(object: &str) -> String {
    format!(
        "
            SELECT CASE WHEN count(*) > 1 THEN format('has the key ''%s'' twice', left(key, 100))
                ELSE format('has the reserved key ''%s''', left(key, 100)) END AS fault
            FROM json_object_keys({object}) AS key
            GROUP BY key HAVING count(*) > 1 OR starts_with(key, '$serde_json::private::') LIMIT 1"
    )
}
