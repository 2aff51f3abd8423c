"""Who somebody is: users, sign-in, sessions. What he may do in an estate is the business of `estates`."""
