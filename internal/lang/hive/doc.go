// Package hive reads the DDL that Athena takes from Hive: CREATE EXTERNAL
// TABLE, Athena's own CREATE TABLE for Iceberg, MSCK REPAIR TABLE, ALTER,
// SHOW and DESCRIBE. Trino's grammar has none of these forms.
//
// The way of a text: Split cuts what somebody pasted into its statements, Is
// tells which of them belong here, Parse makes a Node of one. Nothing is
// looked up and nothing is run: names are kept as written, a Type is a tree
// whose String is Hive's spelling and whose Base is the logical type.
//
// What cannot be read is a *base.Error with code SYNTAX_ERROR, the place of
// the first token that does not fit, the words that would have fitted, and the
// nearest of them as a hint.
package hive
