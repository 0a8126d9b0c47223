// Package dynamo reads and applies DynamoDB's expressions: conditions, updates
// and projections over items of attribute values.
//
// Parse takes the expressions of one request together, since they share their
// names and values. A tree of operands and operators (parse.go) is checked as a
// whole (check.go), so that the first mistake told is the one DynamoDB tells.
// Errors carry DynamoDB's code and words. The grammar, the order of checks and
// their texts follow what dynalite and ScyllaDB's Alternator recorded in tests
// that also run against DynamoDB.
package dynamo
