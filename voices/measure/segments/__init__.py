"""Can the sounds that part Minnan words be told apart, and do they differ the way the textbook says?"""
