package query

import (
	"github.com/mulgil/mulgil/internal/lang/trino/types"
)

// jdbcTables are what Trino's JDBC driver asks for its DatabaseMetaData.
func jdbcTables() map[string]systemTable {
	return map[string]systemTable{
		"catalogs": {"table_cat", func(x *systemFill) error {
			return x.eachCatalog(func(c string) error { x.add(c); return nil })
		}},
		"schemas": {"table_schem, table_catalog", func(x *systemFill) error {
			// The columns' order is not that of names: what is wanted is looked at here.
			for _, c := range x.dir.catalogs() {
				if !may(x.where, map[string]string{"table_catalog": c}) {
					continue
				}
				schemas, err := x.dir.schemas(c)
				if err != nil {
					if unlessDown(err) != nil {
						return err
					}
					continue
				}
				for _, s := range schemas {
					x.add(s, c)
				}
			}
			return nil
		}},
		"tables": {"table_cat, table_schem, table_name, table_type, remarks, type_cat, type_schem, type_name, self_referencing_col_name, ref_generation", func(x *systemFill) error {
			return x.eachCatalog(func(c string) error {
				return x.eachObject(c, func(schema string, o object) error { x.add(c, schema, o.name, o.kind("TABLE")); return nil })
			})
		}},
		"columns": {"table_cat, table_schem, table_name, column_name, data_type bigint, type_name, column_size bigint, buffer_length bigint, decimal_digits bigint, " +
			"num_prec_radix bigint, nullable bigint, remarks, column_def, sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, " +
			"is_nullable, scope_catalog, scope_schema, scope_table, source_data_type bigint, is_autoincrement, is_generatedcolumn", jdbcColumns},
		"types": {"type_name, data_type bigint, precision bigint, literal_prefix, literal_suffix, create_params, nullable bigint, case_sensitive boolean, searchable bigint, " +
			"unsigned_attribute boolean, fixed_prec_scale boolean, auto_increment boolean, local_type_name, minimum_scale bigint, maximum_scale bigint, sql_data_type bigint, " +
			"sql_datetime_sub bigint, num_prec_radix bigint", jdbcTypeRows},
		"table_types": {"table_type", func(x *systemFill) error { x.add("TABLE"); x.add("VIEW"); return nil }},
		"attributes": {"type_cat, type_schem, type_name, attr_name, data_type bigint, attr_type_name, attr_size bigint, decimal_digits bigint, num_prec_radix bigint, nullable bigint, " +
			"remarks, attr_def, sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, scope_catalog, scope_schema, scope_table, " +
			"source_data_type bigint", nil},
		"procedures": {"procedure_cat, procedure_schem, procedure_name, remarks, procedure_type bigint, specific_name", nil},
		"procedure_columns": {"procedure_cat, procedure_schem, procedure_name, column_name, column_type bigint, data_type bigint, type_name, precision bigint, length bigint, scale bigint, " +
			"radix bigint, nullable bigint, remarks, column_def, sql_data_type bigint, sql_datetime_sub bigint, char_octet_length bigint, ordinal_position bigint, is_nullable, specific_name", nil},
		"pseudo_columns": {"table_cat, table_schem, table_name, column_name, data_type bigint, column_size bigint, decimal_digits bigint, num_prec_radix bigint, column_usage, remarks, " +
			"char_octet_length bigint, is_nullable", nil},
		"super_tables": {"table_cat, table_schem, table_name, supertable_name", nil},
		"super_types":  {"type_cat, type_schem, type_name, supertype_cat, supertype_schem, supertype_name", nil},
		"udts":         {"type_cat, type_schem, type_name, class_name, data_type bigint, remarks, base_type bigint", nil},
	}
}

// jdbcKind is a type as java.sql.Types numbers it, with its size, digits and
// radix; negative is NULL.
type jdbcKind struct{ number, size, digits, radix int }

var jdbcKinds = map[types.Kind]jdbcKind{
	types.Boolean: {16, -1, -1, -1}, types.Bigint: {-5, 19, 0, 10}, types.Integer: {4, 10, 0, 10}, types.Smallint: {5, 5, 0, 10}, types.Tinyint: {-6, 3, 0, 10},
	types.Real: {7, 24, -1, 2}, types.Double: {8, 53, -1, 2}, types.Varchar: {12, 1<<31 - 1, -1, -1}, types.Char: {1, 1, -1, -1}, types.Varbinary: {-3, 1<<31 - 1, -1, -1},
	types.Date: {91, 14, -1, -1}, types.Array: {2003, -1, -1, -1},
}

// jdbcOther is the number of everything JDBC has no type for.
const jdbcOther = 1111

func jdbcOf(t types.Type) jdbcKind {
	if k, ok := jdbcKinds[t.Kind]; ok {
		if t.Text() && t.P != types.Unbounded {
			k.size = t.P
		}
		return k
	}
	point := 0
	if t.P > 0 {
		point = 1 + t.P
	}
	switch t.Kind {
	case types.Decimal:
		return jdbcKind{3, t.P, t.S, 10}
	case types.Time:
		return jdbcKind{92, 8 + point, t.P, -1}
	case types.TimeTZ:
		return jdbcKind{2013, 14 + point, t.P, -1}
	case types.Timestamp:
		return jdbcKind{93, 25 + point, t.P, -1}
	case types.TimestampTZ:
		return jdbcKind{2014, 31 + point, t.P, -1}
	}
	return jdbcKind{jdbcOther, -1, -1, -1}
}

// or is a number, NULL if it is negative.
func or(n int) string {
	if n < 0 {
		return null
	}
	return itoa(n)
}

func jdbcColumns(x *systemFill) error {
	return x.eachCatalog(func(catalog string) error {
		return x.eachColumn(catalog, func(schema, table string, i int, c ColumnInfo) {
			k := jdbcOf(c.Type)
			octets := null
			if c.Type.Text() || c.Type.Kind == types.Varbinary {
				octets = or(k.size)
			}
			x.add(catalog, schema, table, c.Name, itoa(k.number), c.Type.String(), or(k.size), null, or(k.digits), or(k.radix),
				"2", orNull(c.Comment), null, null, null, octets, itoa(i+1), "", null, null, null, null, null, null)
		})
	})
}

func jdbcTypeRows(x *systemFill) error {
	p := types.MaxPrecision
	for _, t := range []types.Type{
		types.TBoolean, types.TBigint, types.TInteger, types.TSmallint, types.TTinyint, types.TReal, types.TDouble, types.DecimalOf(p, 0), types.TVarchar, types.CharOf(1),
		types.TVarbinary, types.TDate, types.TimeOf(3), types.TimestampOf(3), types.TimestampTZOf(3), types.TIntervalD, types.TIntervalY, types.TJSON, types.TUUID, types.TIPAddress,
	} {
		k := jdbcOf(t)
		name := jdbcTypeName(t)
		cased, searched, scale := "false", "2", null
		if t.Text() {
			cased, searched = "true", "3"
		}
		if t.Kind == types.Decimal {
			scale = itoa(p)
		}
		x.add(name, itoa(k.number), or(k.size), null, null, null, "1", cased, searched, null, "false", null, null, "0", scale, null, null, or(k.radix))
	}
	return nil
}

// jdbcTypeName is a type without its parameters.
func jdbcTypeName(t types.Type) string {
	switch t.Kind {
	case types.Decimal:
		return "decimal"
	case types.Char:
		return "char"
	case types.Time:
		return "time"
	case types.Timestamp:
		return "timestamp"
	case types.TimestampTZ:
		return "timestamp with time zone"
	}
	return t.String()
}
