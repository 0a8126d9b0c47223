package base

import (
	"errors"
	"syscall"
)

// WhatIfFull adds what to do to the error of a full disk or a used-up quota;
// other errors, and nil, stay as they are.
func WhatIfFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return Errorf(Internal, "%w", err).WithHint("free some disk space and run it again")
	}
	return err
}
