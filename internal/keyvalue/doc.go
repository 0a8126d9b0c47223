// Package keyvalue is the key-value store with the promises of DynamoDB's API:
// items put, read, changed under conditions and deleted, one at a time.
//
// Service.Call takes a request in DynamoDB's JSON. It is checked in DynamoDB's
// order (request.go: its shape, constraints of its parameters, expressions;
// key.go: the table and its key), so that of several mistakes the same one is
// told in the same words. Then it is one read or one write of the store
// (call.go). A mistake is a base.Error with DynamoDB's code: SerializationException,
// ValidationException, ResourceNotFoundException, ConditionalCheckFailedException.
// Texts follow what dynalite's tests expect, which also run against DynamoDB.
package keyvalue
