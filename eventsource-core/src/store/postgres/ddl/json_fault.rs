//! Function that finds what no reader could read in a JSON value.

use crate::store::contract::names::Names;

/// Name of the function.
pub(crate) const JSON_FAULT: &str = "eventsource_json_fault";

/// Deepest nesting that readers accept.
const MAX_DEPTH: u8 = 127;

/// Returns the SQL that creates the function.
///
/// It returns what is wrong with a value, to stand after its name in a message, or NULL: a key twice
/// in one object, of which readers would see one; the character U+0000, which no text of the database
/// has; a key that the JSON library of this program gives a meaning of its own; or more nesting than
/// readers accept. A SQL function of a well-formed value: JSON that is malformed is an error already
/// when it is cast.
pub(crate) fn create(names: &Names) -> String {
    format!(
        r"
CREATE OR REPLACE FUNCTION {function}(value json, depth integer DEFAULT 1) RETURNS text LANGUAGE plpgsql
IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entry record;
    fault text;
BEGIN
    IF depth > {MAX_DEPTH} THEN
        RETURN 'is nested deeper than {MAX_DEPTH} levels';
    END IF;
    IF depth = 1 AND regexp_replace(value::text, '\\\\', '', 'g') LIKE '%\\u0000%' THEN
        RETURN 'contains the character U+0000';
    END IF;
    IF json_typeof(value) = 'object' THEN
        SELECT format('has the key ''%s'' twice', key) INTO fault FROM json_object_keys(value) AS key
        GROUP BY key HAVING count(*) > 1 LIMIT 1;
        IF fault IS NOT NULL THEN
            RETURN fault;
        END IF;
        FOR entry IN SELECT * FROM json_each(value) LOOP
            IF entry.key LIKE '$serde\_json::private::%' THEN
                RETURN format('has the reserved key ''%s''', entry.key);
            END IF;
            fault := {function}(entry.value, depth + 1);
            IF fault IS NOT NULL THEN
                RETURN fault;
            END IF;
        END LOOP;
    ELSIF json_typeof(value) = 'array' THEN
        FOR entry IN SELECT * FROM json_array_elements(value) AS element (value) LOOP
            fault := {function}(entry.value, depth + 1);
            IF fault IS NOT NULL THEN
                RETURN fault;
            END IF;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
",
        function = names.shared(JSON_FAULT),
    )
}
