# The score of a pair
{ print shown($1, 4) }
