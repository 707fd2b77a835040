# A rate that was asked for
{ print rate($1) }
