<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="identity.xsl"/>
<xsl:template match="/">
<html lang="en">
<head><title>Theme</title></head>
<body class="t">
<div id="a" class="x" title="ta">theme a</div>
<div id="b"><p>theme b</p>
<xsl:if test="//*[@id = 'one']"><i>yes</i></xsl:if>
<xsl:if test="//*[@id = 'nope']"><i>no</i></xsl:if>
<xsl:if test="count(//li) = 2"><i>yes</i></xsl:if>
<xsl:if test="not(//*[@id = 'one'])"><i>no</i></xsl:if>
<xsl:if test="not(//table)"><i>yes</i></xsl:if>
</div>
</body>
</html>
</xsl:template>
</xsl:stylesheet>
